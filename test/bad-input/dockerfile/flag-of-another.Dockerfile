FROM alpine
RUN --from=x make
