trap exit TERM
echo "at work"
while :; do
  sleep 1 &
  wait
done
