#!/bin/bash
# Makes the topics and says who may do what: one writer a topic, its process. Again, it changes nothing.
# A broker that lost its disk needs it once more; whoever reads or writes waits until then.
set -eu
bin=/opt/kafka/bin servers=${KAFKA_SERVERS:-kafka:9092} replicas=${KAFKA_REPLICAS:-1}
admin=/tmp/admin.properties
printf '%s\n' security.protocol=SSL ssl.keystore.type=PEM ssl.keystore.location=/secrets/admin.pem \
  ssl.truststore.type=PEM ssl.truststore.location=/secrets/ca.pem > "$admin"

topics() { "$bin/kafka-topics.sh" --bootstrap-server "$servers" --command-config "$admin" "$@"; }
allow() { "$bin/kafka-acls.sh" --bootstrap-server "$servers" --command-config "$admin" --add --force "$@" > /dev/null; }

until found=$(topics --list); do sleep 1; done

for service in gateway intake community pathway consent notify; do
  case $'\n'$found$'\n' in *$'\n'alongside.$service$'\n'*) continue ;; esac
  topics --create --if-not-exists --topic "alongside.$service" --partitions 12 --replication-factor "$replicas" \
    --config retention.ms=604800000 --config cleanup.policy=delete > /dev/null
  echo "made the topic alongside.$service"
done

# Who may read or write a topic may also look at it.
writes() { # writes PROCESS SERVICE…
  who=$1; shift
  allow --allow-principal "User:$who" --operation Write $(printf -- '--topic alongside.%s ' "$@")
}
hears() { # hears PROCESS GROUP TOPIC…
  who=$1 group=$2; shift 2
  allow --allow-principal "User:$who" --operation Read --group "alongside.$group" $(printf -- '--topic alongside.%s ' "$@")
}

looks() { # looks PROCESS TOPIC…: reads what is kept, in nobody's group: `alongside recover`
  who=$1; shift
  allow --allow-principal "User:$who" --operation Read $(printf -- '--topic alongside.%s ' "$@")
}

writes front gateway
writes care intake community pathway
writes consent consent
writes notify notify
hears care pathway intake community pathway consent notify
hears consent consent community
hears notify notify intake community consent pathway notify
looks desk gateway intake community pathway consent notify
echo "Kafka knows who may write and who may read."
