# syntax=docker/dockerfile:1
# One node of one co-op. The first stage builds, the second runs: no compiler, no git, no root.
# Debian and not Alpine, because didkit ships no musl wheel; 3.12, because it ships none for 3.13 either.

FROM python:3.12-slim-bookworm AS build
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1 PYTHONDONTWRITEBYTECODE=1
WORKDIR /build
COPY requirements.lock requirements-dev.lock ./
RUN python -m venv /opt/rochdale \
 && /opt/rochdale/bin/pip install --require-hashes -r requirements.lock
# The wheel is made by hatchling at its locked version, in an environment that is left behind.
RUN awk '/^[a-z]/{keep=/^(hatchling|packaging|pathspec|pluggy|tomlkit|trove-classifiers)==/} keep' requirements-dev.lock > build.lock \
 && python -m venv /opt/build \
 && /opt/build/bin/pip install --require-hashes -r build.lock
COPY pyproject.toml README.md LICENSE ./
COPY identity identity
COPY storage storage
COPY federation federation
COPY node node
RUN /opt/build/bin/pip wheel --no-deps --no-index --no-build-isolation --wheel-dir dist . \
 && /opt/rochdale/bin/pip install --no-deps --no-index dist/*.whl \
 && /opt/rochdale/bin/pip uninstall --yes pip \
 && python -m compileall -q /opt/rochdale/lib

FROM python:3.12-slim-bookworm
LABEL org.opencontainers.image.title="Rochdale" \
      org.opencontainers.image.description="A node that a co-operative hosts itself" \
      org.opencontainers.image.licenses="AGPL-3.0-or-later"
RUN groupadd --system --gid 10001 rochdale \
 && useradd --system --uid 10001 --gid rochdale --no-create-home --shell /usr/sbin/nologin rochdale \
 && install --directory --owner=rochdale --group=rochdale --mode=0700 /var/lib/rochdale
COPY --from=build /opt/rochdale /opt/rochdale
ENV PATH=/opt/rochdale/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    ROCHDALE_DATA_DIR=/var/lib/rochdale \
    ROCHDALE_LISTEN_HOST=0.0.0.0 \
    ROCHDALE_LISTEN_PORT=8100
USER rochdale
WORKDIR /var/lib/rochdale
VOLUME /var/lib/rochdale
EXPOSE 8100
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=30s --timeout=5s --start-period=30s --retries=3 \
  CMD ["python", "-c", "import urllib.request; urllib.request.urlopen('http://127.0.0.1:8100/healthz', timeout=4)"]
CMD ["rochdale", "serve"]
