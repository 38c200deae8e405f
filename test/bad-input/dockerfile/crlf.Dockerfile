FROM alpine
RUNN make
