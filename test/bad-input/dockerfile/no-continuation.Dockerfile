FROM alpine
RUN apk add \
  git
  && rm -rf /tmp
