# syntax=docker/dockerfile:1
ARG V=1
FROM --platform=$BUILDPLATFORM alpine:${V} AS build
COPY --from=build --chown=1:1 ["a b", "/x"]
RUN --mount=type=cache,target=/x make
ENV A=1
