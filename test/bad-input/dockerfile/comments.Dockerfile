# FROM alpine
