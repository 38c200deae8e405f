FROM alpine
RUN <<EOF
make
EOF
CMD ["x"]
