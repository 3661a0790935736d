#include "init/running.h"

#include <fmt/format.h>
#include <strings.h>

#include <array>
#include <string_view>

namespace poolbench::init {
namespace {

/// A header whose value begins like this, and who sends it. The more special come first: what
/// stands before an application hides its server.
struct Sign {
  std::string_view header, begin, kind;
};
constexpr auto kSigns = std::to_array<Sign>({
    {"X-Powered-By", "Express", "Express (Node.js)"},
    {"X-Powered-By", "Next.js", "Next.js (Node.js)"},
    {"X-Powered-By", "PHP", "PHP"},
    {"X-Powered-By", "ASP.NET", "ASP.NET"},
    {"X-Runtime", "", "Ruby on Rails, or another Rack application"},
    {"Server", "gunicorn", "gunicorn (Python)"},
    {"Server", "uvicorn", "uvicorn (Python, ASGI)"},
    {"Server", "hypercorn", "Hypercorn (Python, ASGI)"},
    {"Server", "daphne", "Daphne (Python, ASGI)"},
    {"Server", "waitress", "Waitress (Python, WSGI)"},
    {"Server", "Werkzeug", "Werkzeug, a development server of Python"},
    {"Server", "WSGIServer", "wsgiref, a development server of Python such as Django's runserver"},
    {"Server", "BaseHTTP", "http.server of Python"},
    {"Server", "SimpleHTTP", "http.server of Python"},
    {"Server", "Kestrel", "Kestrel (ASP.NET)"},
    {"Server", "Jetty", "Jetty (Java)"},
    {"Server", "Cowboy", "Cowboy (Erlang, Elixir)"},
    {"Server", "nginx", "something behind nginx"},
    {"Server", "Apache", "something behind Apache"},
    {"Server", "Caddy", "something behind Caddy"},
});

bool same_name(std::string_view one, const std::string& other) {
  return one.size() == other.size() && ::strncasecmp(one.data(), other.data(), one.size()) == 0;
}

bool begins(const std::string& value, std::string_view begin) {
  return value.size() >= begin.size() &&
         ::strncasecmp(value.data(), begin.data(), begin.size()) == 0;
}

}  // namespace

Application look_at_answer(const std::string& url, int status, const AnswerHeaders& headers) {
  Application application;
  application.url = url;
  application.status = status;
  for (const Sign& sign : kSigns) {
    for (const auto& [name, value] : headers) {
      if (!same_name(sign.header, name) || !begins(value, sign.begin)) continue;
      application.kind = sign.kind;
      application.seen = {fmt::format("{}: {}", name, value)};
      return application;
    }
  }
  return application;
}

}  // namespace poolbench::init
