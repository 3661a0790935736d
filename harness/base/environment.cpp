#include "base/environment.h"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdlib>

namespace poolbench::base {
namespace {

constexpr std::array<std::string_view, 9> kStandard = {
    "PATH", "HOME", "USER", "LOGNAME", "LANG", "LC_*", "TZ", "TMPDIR", "LD_LIBRARY_PATH"};

/// As the manual of PostgreSQL 18 lists them ("Environment Variables" of libpq), and those of
/// earlier releases.
constexpr auto kLibpq = std::to_array<std::string_view>({"PGAPPNAME",
                                                         "PGCHANNELBINDING",
                                                         "PGCLIENTENCODING",
                                                         "PGCONNECT_TIMEOUT",
                                                         "PGDATABASE",
                                                         "PGDATESTYLE",
                                                         "PGGEQO",
                                                         "PGGSSDELEGATION",
                                                         "PGGSSENCMODE",
                                                         "PGGSSLIB",
                                                         "PGHOST",
                                                         "PGHOSTADDR",
                                                         "PGKRBSRVNAME",
                                                         "PGLOADBALANCEHOSTS",
                                                         "PGLOCALEDIR",
                                                         "PGMAXPROTOCOLVERSION",
                                                         "PGMINPROTOCOLVERSION",
                                                         "PGOAUTHDEBUG",
                                                         "PGOPTIONS",
                                                         "PGPASSFILE",
                                                         "PGPASSWORD",
                                                         "PGPORT",
                                                         "PGREALM",
                                                         "PGREQUIREAUTH",
                                                         "PGREQUIREPEER",
                                                         "PGREQUIRESSL",
                                                         "PGSERVICE",
                                                         "PGSERVICEFILE",
                                                         "PGSSLCERT",
                                                         "PGSSLCERTMODE",
                                                         "PGSSLCOMPRESSION",
                                                         "PGSSLCRL",
                                                         "PGSSLCRLDIR",
                                                         "PGSSLKEY",
                                                         "PGSSLMAXPROTOCOLVERSION",
                                                         "PGSSLMINPROTOCOLVERSION",
                                                         "PGSSLMODE",
                                                         "PGSSLNEGOTIATION",
                                                         "PGSSLROOTCERT",
                                                         "PGSSLSNI",
                                                         "PGSYSCONFDIR",
                                                         "PGTARGETSESSIONATTRS",
                                                         "PGTTY",
                                                         "PGTZ",
                                                         "PGUSER"});

}  // namespace

Environment own_environment() {
  Environment result;
  for (char** entry = environ; entry != nullptr && *entry != nullptr; ++entry) {
    const std::string_view text(*entry);
    const std::size_t equals = text.find('=');
    if (equals == std::string_view::npos) continue;
    result.insert_or_assign(std::string(text.substr(0, equals)),
                            std::string(text.substr(equals + 1)));
  }
  return result;
}

Environment standard_environment(const Environment& caller) {
  Environment result;
  for (const auto& [name, value] : caller) {
    const bool standard = std::ranges::any_of(
        kStandard, [&](std::string_view pattern) { return means_variable(pattern, name); });
    if (standard) result[name] = value;
  }
  return result;
}

bool means_variable(std::string_view pattern, std::string_view name) {
  if (!pattern.ends_with('*')) return pattern == name;
  return name.starts_with(pattern.substr(0, pattern.size() - 1));
}

bool is_libpq_variable(std::string_view name) {
  return std::ranges::find(kLibpq, name) != kLibpq.end();
}

void forget_libpq_variables() {
  for (const std::string_view name : kLibpq) ::unsetenv(std::string(name).c_str());
}

}  // namespace poolbench::base
