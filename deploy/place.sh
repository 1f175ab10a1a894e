#!/usr/bin/env bash
# A whole place in containers; `make up` and `make down` call it. What each word does stands at its end.
set -euo pipefail
cd "$(dirname "$0")/.."
limit=${ALONGSIDE_UP_SECONDS:-300}
base=${ALONGSIDE_BASE_URL:-https://localhost:${ALONGSIDE_PORT:-8443}}
databases=(consent gateway intake community pathway notify)
files=(-f docker-compose.yml)
[ -z "${DEMO:-}" ] || files+=(-f deploy/compose.demo.yml)
export ALONGSIDE_BASE_URL=$base COMPOSE_PROJECT_NAME=${COMPOSE_PROJECT_NAME:-alongside}

if docker compose version > /dev/null 2>&1; then compose() { docker compose "${files[@]}" "$@"; }
elif command -v docker-compose > /dev/null; then compose() { docker-compose "${files[@]}" "$@"; }
else echo "Neither 'docker compose' nor 'docker-compose' is here." >&2; exit 1; fi
docker info > /dev/null 2>&1 || { echo "No Docker engine answers: start it, or set DOCKER_HOST." >&2; exit 1; }

standing() { # how a container is: healthy, starting, unhealthy, or the state of one that has no check
  docker inspect --format '{{if .State.Health}}{{.State.Health.Status}}{{else}}{{.State.Status}}{{end}}' "$1"
}

wait_until_ready() {
  local until=$((SECONDS + limit)) late
  while :; do
    late=""
    for service in postgres kafka front care consent-1 consent-2 notify proxy; do
      id=$(compose ps -q "$service")
      if [ -z "$id" ] || [ "$(standing "$id")" != healthy ]; then late="$late $service"; fi
    done
    [ -n "$late" ] || return 0
    [ $SECONDS -lt $until ] || { echo "Not ready after $limit s:$late. See: docker-compose logs$late" >&2; return 1; }
    sleep 1
  done
}

token() { # the steward's, for whoever may look into front's container
  compose exec -T front cat /data/running.json | sed -n 's/.*"token": *"\([^"]*\)".*/\1/p'
}

containers() {
  docker ps --filter "label=com.docker.compose.project=$COMPOSE_PROJECT_NAME" --format '{{.Names}}' | sort | tr '\n' ' '
}

journey() { # journey 1 against the demo that runs here, over HTTPS, as partners and people would
  echo "Containers: $(containers)"
  make --no-print-directory demo BASE="$base" TOKEN="$(token)" LISTEN=10.77.77.1 CA_FILE=.alongside/place.pem
}

up() {
  compose up -d --remove-orphans
  wait_until_ready
  mkdir -p .alongside
  # Beside it first: whoever calls by it meanwhile must not find an empty file.
  compose exec -T proxy cat /secrets/certificate.pem > .alongside/place.pem.new
  mv .alongside/place.pem.new .alongside/place.pem
  echo
  echo "Alongside serves at $base (ready after $SECONDS s)"
  echo "  Certificate    $PWD/.alongside/place.pem, signed by itself: curl --cacert .alongside/place.pem $base/_ready"
  echo "  Documentation  $base/docs"
  echo "  Containers     $(containers)"
  if [ -n "${DEMO:-}" ]; then
    echo "  The journey    deploy/place.sh journey"
  else
    echo "  First of all   deploy/place.sh desk init   asks for backstop, duty line and the first steward, who then signs"
    echo "                 in by e-mail (ALONGSIDE_SMTP_URL or ALONGSIDE_NOTIFY_URL, docs/runbook.md)."
  fi
  echo "  To stop it     make down (keeps all data); make down WIPE=1 (removes data and keys for good)"
}

backup() { # each database whole, as it was at one instant, while everything runs; keys in a file of their own
  local folder=${1:?a folder}; shift
  umask 077; mkdir -p "$folder"
  for service in "${@:-${databases[@]}}"; do
    compose exec -T postgres pg_dump -U postgres --format=custom --compress=6 "alongside_$service" > "$folder/$service.new"
    mv "$folder/$service.new" "$folder/$service.dump"
    echo "kept $folder/$service.dump ($(stat -c %s "$folder/$service.dump") bytes)"
  done
  compose run --rm -T --entrypoint tar secrets -C /secrets -c authority care-data > "$folder/keys.tar"
  echo "kept $folder/keys.tar: keep it apart from the others"
}

whole() { # whether each SERVICE has a database, and a dump in FOLDER that can be read, before anything is stopped or dropped
  local folder=$1 service; shift
  [ $# -gt 0 ] || { echo "Say whose databases: ${databases[*]}." >&2; return 1; }
  for service in "$@"; do
    case " ${databases[*]} " in *" $service "*) ;; *) echo "$service has no database: ${databases[*]} have." >&2; return 1 ;; esac
    compose exec -T postgres pg_restore --file=/dev/null < "$folder/$service.dump" ||
      { echo "$folder/$service.dump can't be read. Nothing was stopped." >&2; return 1; }
  done
}

restore() { # databases from such a folder, consent first, and what they forgot since; processes stand still meanwhile
  local folder=${1:?a folder} service begun; shift
  whole "$folder" "$@"
  compose run --rm topics  # takes a while, changes nothing, and asks whether Kafka is there: all that before anybody waits
  compose stop -t 60 proxy front care consent-1 consent-2 notify
  for service in "${databases[@]}"; do
    case " $* " in *" $service "*) ;; *) continue ;; esac
    begun=$SECONDS
    compose exec -T postgres dropdb -U postgres --force --if-exists "alongside_$service"
    compose exec -T postgres bash /deploy/roles.sh > /dev/null
    compose exec -T postgres pg_restore -U postgres --exit-on-error --dbname "alongside_$service" < "$folder/$service.dump"
    echo "$service stands as it was kept, after $((SECONDS - begun)) s"
  done
  compose run --rm migrate
  if compose run --rm desk recover "$@"; then
    echo "Now 'place.sh up', then 'place.sh steward replay lanes' (docs/runbook.md, 'After a restore')."
  else
    echo "Not everything could be taken up: see docs/runbook.md, 'After a restore', before 'place.sh up'." >&2
    return 1
  fi
}

case ${1:-} in
  #: place.sh up | down [wipe]         start or stop the place; wipe takes data and keys away too
  #: place.sh journey                  journey 1, told against a demo that runs here (make up DEMO=1)
  #: place.sh token                    a steward's token, for whoever may look into front's container
  #: place.sh desk COMMAND…            a command beside the databases: init, doctor, verify, recover, trace, partner
  #: place.sh steward COMMAND…         a command of a steward to the running place: replay, doctor
  #: place.sh backup FOLDER [SERVICE…] each database, and the keys
  #: place.sh restore FOLDER SERVICE…  put databases back, and take up from Kafka what they forgot since
  #: place.sh logs [CONTAINER…]
  #: place.sh compose WORD…            docker-compose itself, of this place
  up) up ;;
  down)
    files=(-f docker-compose.yml)
    if [ -n "${2:-}" ]; then compose down --remove-orphans --volumes; else compose down --remove-orphans; fi ;;
  token) token ;;
  journey) journey ;;
  desk) shift; compose run --rm desk "$@" ;;
  steward) shift; compose exec -T front alongside "$@" ;;
  backup) shift; backup "$@" ;;
  restore) shift; restore "$@" ;;
  logs) shift; compose logs "$@" ;;
  compose) shift; compose "$@" ;;
  *) sed -n 's/^  #: //p' "$0" >&2; exit 2 ;;
esac
