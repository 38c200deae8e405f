FROM alpine AS dev
RUN make
FROM dev AS prod
