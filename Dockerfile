# The dashboard with its database built in: `docker build -t hinterland .`, then
# `docker run --rm -p 8501:8501 hinterland`. docs/howto/run-for-others.md says more.
# tests/cli/test_image.py runs these steps one by one in an empty folder.
FROM python:3.12-slim AS build
WORKDIR /src
COPY requirements.lock ./
RUN python -m venv /opt/hinterland
RUN /opt/hinterland/bin/pip install --no-cache-dir --disable-pip-version-check --require-hashes -r requirements.lock
COPY . .
# The documentation, which the dashboard serves at /docs; what makes it stays in this stage.
RUN python -m venv /opt/hinterland-site
RUN /opt/hinterland-site/bin/pip install --no-cache-dir --disable-pip-version-check --require-hashes -r requirements-docs.lock
RUN ls -d /opt/hinterland/lib/python*/site-packages > $(ls -d /opt/hinterland-site/lib/python*/site-packages)/hinterland.pth
RUN NO_MKDOCS_2_WARNING=true /opt/hinterland-site/bin/python -m mkdocs build --quiet --clean
RUN /opt/hinterland/bin/pip install --no-cache-dir --disable-pip-version-check --no-deps --no-build-isolation .
RUN HINTERLAND_HOME=/var/lib/hinterland /opt/hinterland/bin/hinterland build && rm -rf /var/lib/hinterland/build/parts

FROM python:3.12-slim
COPY --from=build /opt/hinterland /opt/hinterland
COPY --from=build /var/lib/hinterland /var/lib/hinterland
RUN useradd --system --no-create-home hinterland
USER hinterland
ENV HINTERLAND_HOME=/var/lib/hinterland
ENV PATH=/opt/hinterland/bin:$PATH
ENV PYTHONDONTWRITEBYTECODE=1
EXPOSE 8501
HEALTHCHECK --interval=30s --timeout=5s --start-period=15s CMD ["python", "-c", "import os, urllib.request as u; u.urlopen('http://localhost:8501' + os.environ.get('HINTERLAND_BASE_PATH', '') + '/health', timeout=4)"]
CMD ["hinterland", "app", "--host", "0.0.0.0", "--port", "8501"]
