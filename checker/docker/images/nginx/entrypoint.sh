#!/bin/sh
# Behaves as the entrypoint of the official image: fills variables into /etc/nginx/templates/*.template and runs the scripts of
# /docker-entrypoint.d. A configuration's own $host is left alone: only variables that are set are filled in.
set -e
case $1 in nginx | nginx-debug)
  from=${NGINX_ENVSUBST_TEMPLATE_DIR:-/etc/nginx/templates}
  suffix=${NGINX_ENVSUBST_TEMPLATE_SUFFIX:-.template}
  to=${NGINX_ENVSUBST_OUTPUT_DIR:-/etc/nginx/conf.d}
  if [ -d "$from" ]; then
    variables=$(env | cut -d= -f1 | grep -E "${NGINX_ENVSUBST_FILTER:-}" | sed 's/.*/${&}/' | tr '\n' ' ')
    find "$from" -follow -type f -name "*$suffix" | sort | while read -r template; do
      name=${template#"$from"/}
      file=$to/${name%"$suffix"}
      mkdir -p "$(dirname "$file")"
      echo "$0: envsubst from $template to $file"
      envsubst "$variables" <"$template" >"$file"
    done
  fi
  for script in /docker-entrypoint.d/*.sh; do
    if [ -x "$script" ]; then "$script"; fi
  done ;;
esac
exec "$@"
