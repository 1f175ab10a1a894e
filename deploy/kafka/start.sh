#!/bin/bash
# Formats an empty disk with the place's cluster id, then becomes the broker.
set -eu
if [ ! -s /var/lib/kafka/data/meta.properties ]; then
  /opt/kafka/bin/kafka-storage.sh format --cluster-id "$(cat /secrets/cluster)" --config /deploy/server.properties
fi
exec /opt/kafka/bin/kafka-server-start.sh /deploy/server.properties
