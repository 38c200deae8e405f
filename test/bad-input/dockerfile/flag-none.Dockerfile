FROM alpine
WORKDIR --create /app
