# One image, four commands: serve, worker, scheduler, db upgrade.
FROM python:3.13-slim
WORKDIR /app
RUN pip install --no-cache-dir uv
COPY pyproject.toml uv.lock README.md ./
COPY mailrith mailrith
RUN uv sync --frozen --no-dev
COPY templates templates
COPY static static
COPY migrations migrations
COPY docs docs
COPY wsgi.py ./
RUN useradd --create-home mailrith && mkdir /data && chown mailrith /data
USER mailrith
ENV PATH="/app/.venv/bin:$PATH" MAILRITH_DATA_DIR=/data
VOLUME /data
EXPOSE 8000
CMD ["mailrith", "serve", "--bind", "0.0.0.0:8000"]
