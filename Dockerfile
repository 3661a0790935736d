# poolbench with Debian's PostgreSQL and the Django target, ready to run without a network. docs/docker.md
ARG BASE=debian:13-slim

# What is compiled: the rest may change without building it again.
FROM ${BASE} AS sources
COPY . /src
RUN rm -rf /src/docker /src/scenarios /src/tools

FROM ${BASE} AS build
WORKDIR /src
COPY docker/with-secrets /usr/local/bin/
COPY tools/setup tools/steps.sh tools/generators.sh tools/
RUN --mount=type=secret,id=apt --mount=type=secret,id=ca with-secrets tools/setup --for bench

COPY --from=sources /src .
# The build asks git for the revision; there is neither git nor a repository here.
ARG REVISION=unknown
RUN printf '#!/bin/sh\necho "%.12s"\n' "${REVISION}" >/usr/local/bin/git && chmod 755 /usr/local/bin/git \
  && cmake --preset release && cmake --build --preset release \
  && mkdir -p /out/bin && cp build/release/poolbench build/release/poolbench-load /out/bin/ \
  && strip /out/bin/* \
  # The packages of the libraries that the programs load: their names differ between releases of Debian.
  && ldd /out/bin/* | sed -n 's|.* => /.*/\([^/ ]*\) .*|*/\1|p' | sort -u | xargs dpkg -S \
    | cut -d : -f 1 | sort -u >/out/packages

# Prepares the target as every run does: the folder's name depends on what is in it.
COPY scenarios scenarios
ENV POOLBENCH_CACHE=/poolbench/cache
RUN --mount=type=secret,id=pip --mount=type=secret,id=ca --mount=type=cache,target=/root/.cache/pip \
  { with-secrets /out/bin/poolbench run scenarios/smoke.toml --only variant=no-db --out /tmp/runs || true; } \
  && rm -rf "${POOLBENCH_CACHE}/clusters" && cat "${POOLBENCH_CACHE}"/targets/*.log \
  && test -e "${POOLBENCH_CACHE}"/targets/django-*/.poolbench-prepared \
  # Whoever the run's user is: it may add to the cache, in its own container.
  && mkdir "${POOLBENCH_CACHE}/clusters" \
  && chmod 1777 "${POOLBENCH_CACHE}" "${POOLBENCH_CACHE}/clusters" "${POOLBENCH_CACHE}/targets"

FROM ${BASE}
ARG PACKAGES=""
RUN --mount=type=secret,id=apt --mount=type=secret,id=ca \
  --mount=type=bind,from=build,source=/out/packages,target=/mnt/packages \
  --mount=type=bind,source=docker/with-secrets,target=/mnt/with-secrets \
  mkdir -p /etc/postgresql-common/createcluster.d \
  && echo "create_main_cluster = false" >/etc/postgresql-common/createcluster.d/poolbench.conf \
  && export DEBIAN_FRONTEND=noninteractive && /mnt/with-secrets apt-get -q update \
  && /mnt/with-secrets apt-get -q -y install --no-install-recommends \
    postgresql python3 python3-venv ca-certificates util-linux ${PACKAGES} $(cat /mnt/packages) \
  && rm -rf /var/lib/apt/lists/* /var/cache/apt/* /var/log/apt /var/log/*.log \
    /usr/share/info/* /usr/share/man/* /usr/share/locale/* /usr/share/i18n \
  && find /usr/share/doc -type f ! -name copyright -delete \
  && useradd --system --uid 10001 --user-group --no-create-home --home-dir /tmp bench \
  && install -d -o bench -g bench /poolbench /poolbench/results
WORKDIR /poolbench
COPY --from=build /poolbench .
COPY --from=build /out/bin /usr/local/bin/
COPY scenarios scenarios
COPY docker/bench docker/postgres-bench /usr/local/bin/
ENV POOLBENCH_CACHE=/poolbench/cache HOME=/tmp LANG=C.UTF-8
USER bench
ENTRYPOINT ["bench"]
