// What the variables mean that an application reads.
#include "base/environment.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <span>

#include "init/sources.h"

namespace poolbench::init {
namespace {

/// Variables, by an expression for their whole names, and the text that they get.
struct Meaning {
  const char* names;
  const char* text;
};
constexpr auto kListening = std::to_array<Meaning>({
    {"((HTTP|APP|SERVER|LISTEN|WEB)_)?PORT", "{port}"},
    {"((HTTP|APP|SERVER|LISTEN|WEB|BIND)_)?HOST", "{host}"},
    {"((HTTP|APP|SERVER|LISTEN|BIND)_)?(ADDR|ADDRESS)|LISTEN|BIND", "{host}:{port}"},
});
#define POOLBENCH_DATABASE "(DB|DATABASE|POSTGRES|POSTGRESQL|PG|SQL|RDS)_"
constexpr const char* kUrlNames = "(.*_)?(DB|DATABASE|POSTGRES|POSTGRESQL|PG)_(URL|URI|DSN)";
constexpr auto kDatabase = std::to_array<Meaning>({
    {kUrlNames, "{database_url}"},
    {POOLBENCH_DATABASE "(HOST|HOSTNAME)", "{pghost}"},
    {POOLBENCH_DATABASE "PORT", "{pgport}"},
    {POOLBENCH_DATABASE "(NAME|DB|DATABASE)", "{pgdatabase}"},
    {POOLBENCH_DATABASE "(USER|USERNAME)", "{pguser}"},
    {POOLBENCH_DATABASE "(PASSWORD|PASS)", "{pgpassword}"},
});
#undef POOLBENCH_DATABASE

/// Variables that say how the application connects: what is worth comparing.
struct Tunable {
  const char* names;
  const char* summary;
  int default_value;
  std::vector<int> worth_trying;
};
const std::array<Tunable, 2>& tunables() {
  static const std::array<Tunable, 2> all{{
      {"(.*_)?(POOL_?(MAX|SIZE|MAX_SIZE)|MAX_POOL_SIZE|MAX_(OPEN_)?CONN(ECTION)?S)",
       "connections of the pool, at most",
       10,
       {2, 10}},
      {"(.*_)?CONN_MAX_AGE",
       "seconds that a connection is kept; 0 closes it after each request",
       0,
       {0, 60}},
  }};
  return all;
}

bool means(const char* names, const std::string& variable) {
  return std::regex_match(variable, std::regex(names));
}

const char* text_of(std::span<const Meaning> meanings, const std::string& variable) {
  const auto found = std::ranges::find_if(
      meanings, [&](const Meaning& meaning) { return means(meaning.names, variable); });
  return found == meanings.end() ? nullptr : found->text;
}

std::string lower_case(std::string text) {
  std::ranges::transform(text, text.begin(), [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  });
  return text;
}

std::set<std::string> first_groups(const Sources& sources, const char* expression) {
  std::set<std::string> names;
  for (const Found& found : sources.find_all(std::regex(expression), "")) {
    names.insert(found.groups.front());
  }
  return names;
}

/// The names of all variables that the sources read.
std::set<std::string> variables_read(const Sources& sources) {
  std::set<std::string> names = first_groups(
      sources,
      R"re((?:environ(?:\.get\(|\[)|[gG]etenv\(|LookupEnv\(|process\.env[.\[]|\benv(?:\.\w+)?\(|\bconfig\()\s*["']?([A-Z][A-Z0-9_]+))re");
  // Those of libpq need not be read by name, only be known.
  names.merge(first_groups(sources, R"re(["'](PG(?:HOST|PORT|USER|PASSWORD|DATABASE))["'])re"));
  // Without arguments they have libpq's.
  if (sources.find(std::regex(R"re((new (?:pg\.)?(?:Pool|Client)\(\s*\)))re"), "s"))
    names.insert("PGHOST");
  // Two libraries of Django read it unless they are told another name.
  const std::regex unnamed(R"re((dj_database_url\.config\(|\benv\.db(_url)?\(\s*\)))re");
  if (sources.find(unnamed, ".py")) names.insert("DATABASE_URL");
  return names;
}

/// SQLAlchemy's URLs may name a driver.
std::string database_url(const Sources& sources) {
  const auto driver = sources.find(std::regex(R"(postgresql\+([a-z0-9]+)://)"), ".py");
  if (!driver) return "{database_url}";
  return fmt::format(
      "postgresql+{}://{{pguser}}:{{pgpassword}}@{{pghost}}:{{pgport}}/{{pgdatabase}}",
      driver->groups.front());
}

}  // namespace

void add_environment(Application& application, const Sources& sources) {
  const std::set<std::string> demanded =
      first_groups(sources, R"re(environ\[\s*["']([A-Z][A-Z0-9_]+)["']\s*\](?!\s*=[^=]))re");
  for (const std::string& name : variables_read(sources)) {
    if (base::is_libpq_variable(name)) {
      application.knows_database = true;
    } else if (const char* listening = text_of(kListening, name)) {
      if (application.knows_port && !demanded.contains(name)) continue;  // its command tells it
      application.environment[name] = listening;
    } else if (const char* database = text_of(kDatabase, name)) {
      application.environment[name] = means(kUrlNames, name) ? database_url(sources) : database;
      application.knows_database = true;
    } else if (const auto tunable = std::ranges::find_if(
                   tunables(), [&](const Tunable& each) { return means(each.names, name); });
               tunable != tunables().end()) {
      application.parameters.push_back({lower_case(name),
                                        tunable->summary,
                                        tunable->default_value,
                                        tunable->worth_trying,
                                        {},
                                        name});
    } else if (demanded.contains(name)) {
      application.inherit.push_back(name);
    }
  }
  for (const auto& [name, text] : application.environment) {
    if (text.find("{port}") != std::string::npos) application.knows_port = true;
  }
}

void add_routes(Application& application, const Sources& sources) {
  const std::regex route(
      R"re((?:\.(?:get|Get|GET|route)|HandleFunc|Handle)\(\s*["'](?:GET )?(/[A-Za-z0-9_./-]*)(?:\{\$\})?["'])re");
  const std::regex health(R"(/(health|healthz|health_?check|ready|readyz|livez|ping|up|status)/?)");
  std::vector<std::string> paths;
  for (const Found& found : sources.find_all(route, "")) {
    const std::string& path = found.groups.front();
    if (!std::regex_match(path, health)) {
      paths.push_back(path);
    } else if (application.health.empty()) {
      application.health = path;
    }
  }
  if (!paths.empty() && std::ranges::find(paths, "/") == paths.end()) {
    application.path = paths.front();
  }
}

}  // namespace poolbench::init
