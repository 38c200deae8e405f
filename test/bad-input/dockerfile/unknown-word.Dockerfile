FROM alpine
npm install
