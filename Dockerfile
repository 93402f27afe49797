# Leeway in a container: an unprivileged user, a file system that may be read-only, and kernels
# that were compiled here and are only loaded later.
ARG PYTHON_VERSION=3.12

FROM python:${PYTHON_VERSION}-slim-bookworm AS build
# The oldest processor the image must run on. x86-64-v3 is every server since about 2015; take
# "generic" for ARM and for older machines. CPU_FEATURES stays empty: the build machine's own
# extensions must not get into the kernels.
ARG KERNEL_CPU=x86-64-v3
ENV PIP_NO_CACHE_DIR=1 \
    PIP_DISABLE_PIP_VERSION_CHECK=1 \
    NUMBA_CPU_NAME=${KERNEL_CPU} \
    NUMBA_CPU_FEATURES="" \
    NUMBA_CACHE_LOCATOR_CLASSES=app.kernel_cache.ShippedKernels
WORKDIR /src
COPY requirements/ requirements/
RUN python -m venv /opt/build \
    && python -m venv --without-pip /opt/leeway \
    && /opt/build/bin/pip install --require-hashes -r requirements/build.txt \
    && /opt/build/bin/pip --python /opt/leeway/bin/python \
        install --require-hashes -r requirements/runtime.txt
COPY pyproject.toml README.md LICENSE ./
COPY app/ app/
COPY drift_core/ drift_core/
RUN /opt/build/bin/pip wheel --no-deps --no-build-isolation --wheel-dir /dist . \
    && /opt/build/bin/pip --python /opt/leeway/bin/python install --no-deps --no-index /dist/*.whl
COPY scripts/compile_kernels.py /opt/leeway/share/
# From another folder, so that the installed packages are compiled and not /src.
RUN cd / && /opt/leeway/bin/python /opt/leeway/share/compile_kernels.py

FROM python:${PYTHON_VERSION}-slim-bookworm
ARG KERNEL_CPU=x86-64-v3
ENV PATH=/opt/leeway/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    NUMBA_CPU_NAME=${KERNEL_CPU} \
    NUMBA_CPU_FEATURES="" \
    NUMBA_CACHE_LOCATOR_CLASSES=app.kernel_cache.ShippedKernels \
    LEEWAY_HOST=0.0.0.0 \
    LEEWAY_PORT=8000 \
    LEEWAY_DATA_DIR=/data
RUN useradd --uid 10001 --user-group --no-create-home --shell /usr/sbin/nologin leeway \
    && install --directory --owner=leeway --group=leeway /data
COPY --from=build /opt/leeway /opt/leeway
WORKDIR /data
USER 10001
# The build fails here if one kernel would have to be compiled by the user that runs it.
RUN python /opt/leeway/share/compile_kernels.py --check
VOLUME /data
EXPOSE 8000
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=10s --timeout=3s --start-period=30s --retries=3 CMD ["python", "-c", \
    "import os, urllib.request as r; r.urlopen('http://127.0.0.1:' + os.environ['LEEWAY_PORT'] + '/healthz', timeout=2)"]
ENTRYPOINT ["leeway"]
CMD ["serve"]
