#include "service/postgres/conninfo.h"

#include <fmt/format.h>
#include <libpq-fe.h>

#include "base/text.h"

namespace poolbench::service {

std::string to_dsn(const Conninfo& conninfo) {
  std::string dsn;
  for (const auto& [keyword, value] : conninfo) {
    std::string quoted;
    for (const char c : value) {
      if (c == '\'' || c == '\\') quoted += '\\';
      quoted += c;
    }
    dsn += fmt::format("{}='{}' ", keyword, quoted);
  }
  return dsn;
}

base::Result<Conninfo> parse_conninfo(const std::string& dsn) {
  char* message = nullptr;
  PQconninfoOption* options = PQconninfoParse(dsn.c_str(), &message);
  if (options == nullptr) {
    auto error = base::bad_input(fmt::format("not a PostgreSQL connection string: {}",
                                             base::first_line(message == nullptr ? "" : message)),
                                 {}, "write it as postgresql://user@host:5432/postgres");
    PQfreemem(message);
    return error;
  }
  Conninfo conninfo;
  for (const PQconninfoOption* option = options; option->keyword != nullptr; ++option) {
    if (option->val != nullptr) conninfo[option->keyword] = option->val;
  }
  PQconninfoFree(options);
  return conninfo;
}

namespace {

/// Calls visit(keyword, variable) for each parameter that libpq reads from its environment.
template <typename Visit>
void each_variable(Visit visit) {
  const PQconninfoOption* none = nullptr;
  PQconninfoOption* known = PQconndefaults();
  for (const PQconninfoOption* option = known == nullptr ? none : known;
       option != nullptr && option->keyword != nullptr; ++option) {
    if (option->envvar != nullptr) visit(option->keyword, option->envvar);
  }
  PQconninfoFree(known);
}

}  // namespace

std::map<std::string, std::string> to_environment(const Conninfo& conninfo) {
  std::map<std::string, std::string> environment;
  each_variable([&](const char* keyword, const char* variable) {
    const auto value = conninfo.find(keyword);
    if (value != conninfo.end()) environment[variable] = value->second;
  });
  return environment;
}

Conninfo from_environment(const std::map<std::string, std::string>& environment) {
  Conninfo conninfo;
  each_variable([&](const char* keyword, const char* variable) {
    const auto value = environment.find(variable);
    if (value != environment.end()) conninfo[keyword] = value->second;
  });
  return conninfo;
}

}  // namespace poolbench::service
