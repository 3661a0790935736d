#pragma once

#include <optional>

#include "init/application.h"
#include "init/sources.h"

// The kinds of applications that are recognised; each function returns nothing for another kind.

namespace poolbench::init {

/// manage.py: Django under gunicorn.
std::optional<Application> as_django(const Sources& sources);
/// A Python file that makes a FastAPI: uvicorn.
std::optional<Application> as_fastapi(const Sources& sources);
/// A Python file that makes a Flask, or holds a WSGI callable: gunicorn.
std::optional<Application> as_wsgi(const Sources& sources);
/// package.json with a start script or a main file.
std::optional<Application> as_node(const Sources& sources);
/// go.mod and a package main.
std::optional<Application> as_go(const Sources& sources);
/// A Procfile with a line "web:".
std::optional<Application> as_procfile(const Sources& sources);

}  // namespace poolbench::init
