FROM alpine AS
RUN make
