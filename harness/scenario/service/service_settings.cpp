#include "scenario/service/service_settings.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <utility>

#include "scenario/service/service_file.h"
#include "scenario/target/target_params.h"

namespace poolbench::scenario {
namespace {

constexpr const char* kVia = "via";
constexpr const char* kDirect = "direct";
/// Of a service's name, which stands in metrics, settings and cells.
constexpr const char* kNameCharacters =
    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_";

/// The names of a path, from the application on.
std::vector<std::string> names_in(const std::string& via) {
  std::vector<std::string> names;
  for (std::size_t begin = 0; begin <= via.size();) {
    const std::size_t end = std::min(via.find('+', begin), via.size());
    names.push_back(via.substr(begin, end - begin));
    begin = end + 1;
  }
  return names;
}

std::vector<std::string> read_via(TableReader& postgres) {
  const std::string via = postgres.text(kVia).value_or(kDirect);
  if (via == kDirect) return {};
  std::vector<std::string> names = names_in(via);
  for (auto name = names.begin(); name != names.end(); ++name) {
    if (name->empty() || *name == kDirect) {
      postgres.refuse(kVia, fmt::format("is no path: {}", in_quotes(via)),
                      "write \"direct\", or names of services with + between them, from the "
                      "application to PostgreSQL: \"pgbouncer+delay\"");
      return {};
    }
    if (name->find_first_not_of(kNameCharacters) != std::string::npos) {
      postgres.refuse(kVia, fmt::format("cannot hold a service {}", in_quotes(*name)),
                      "use letters, digits, - and _, and + between two services");
      return {};
    }
    if (std::find(names.begin(), name, *name) == name) continue;
    postgres.refuse(kVia, fmt::format("names {} twice", in_quotes(*name)),
                    "a service stands in a path once");
    return {};
  }
  return names;
}

/// The metrics of a service as a cell that has it calls them.
std::vector<MetricSpec> named_after(const std::string& service, std::vector<MetricSpec> metrics) {
  for (MetricSpec& metric : metrics) {
    metric.name = fmt::format("service.{}.{}", service, metric.name);
  }
  return metrics;
}

ServiceUse read_service_use(TableReader& services, const char* said, const std::string& name,
                            const Place& named_at, const ServiceLoader& loader) {
  ServiceUse service{.name = name, .named_at = named_at};
  TableReader reader(services.table(name), services.path(name), services.place(name),
                     services.mistakes());
  const Setting* use = reader.any("use");
  service.use = reader.text("use").value_or("");
  if (use != nullptr && !use->is_string()) return service;
  if (loader) {
    service.spec =
        loader({said, name, use, use == nullptr ? named_at : use->place}, services.mistakes());
  }
  const ServiceSpec* const spec = service.spec.get();
  if (spec != nullptr) service.metrics = named_after(name, spec->metrics);
  service.params = read_values(reader, spec, spec == nullptr ? nullptr : &spec->params);
  reader.refuse_unknown();
  return service;
}

void check_path(TableReader& postgres, const ServiceSettings& services,
                const PostgresSettings& settings) {
  bool has_port = settings.transport == "tcp";
  for (auto service = services.path.rbegin(); service != services.path.rend(); ++service) {
    if (service->spec == nullptr) return;
    if (!service->spec->takes_upstream) {
      postgres.refuse(kVia,
                      fmt::format("names service {}, which does not lead to PostgreSQL",
                                  in_quotes(service->name)),
                      "leave it out; a target that uses it says needs = [\"NAME\"]");
    } else if (service->spec->only_tcp && !has_port) {
      postgres.refuse(kVia,
                      fmt::format("names service {}, which needs a TCP port behind it, and there "
                                  "is a unix socket",
                                  in_quotes(service->name)),
                      "set postgres.transport = \"tcp\", or put another service behind it");
    }
    has_port = !service->spec->serve.unix_socket;
  }
}

void check_beside(TableReader& target, const ServiceSettings& services) {
  for (const ServiceUse& service : services.beside) {
    const auto same = std::ranges::find(services.path, service.name, &ServiceUse::name);
    if (same != services.path.end()) {
      target.refuse("use",
                    fmt::format("names a target that needs service {}, which stands in "
                                "postgres.via, too",
                                in_quotes(service.name)),
                    "give one of them another name, with [service.NAME] use = \"…\"");
    } else if (service.spec != nullptr && service.spec->takes_upstream) {
      target.refuse("use",
                    fmt::format("names a target that needs service {}, which leads to PostgreSQL",
                                in_quotes(service.name)),
                    "name such a service in postgres.via instead");
    }
  }
}

}  // namespace

std::vector<ServiceUse> ServiceSettings::all() const {
  std::vector<ServiceUse> services = path;
  services.insert(services.end(), beside.begin(), beside.end());
  return services;
}

std::string ServiceSettings::via() const {
  std::string names;
  for (const ServiceUse& service : path) {
    names += (names.empty() ? "" : "+") + service.name;
  }
  return names.empty() ? kDirect : names;
}

ServiceSettings read_services(ServiceTables tables, const TargetSettings& target,
                              const ServiceLoader& loader) {
  ServiceSettings services;
  for (const std::string& name : read_via(tables.postgres)) {
    services.path.push_back(read_service_use(tables.service, "postgres.via", name,
                                             tables.postgres.place(kVia), loader));
  }
  if (target.spec == nullptr) return services;
  for (const std::string& name : target.spec->needs) {
    services.beside.push_back(read_service_use(tables.service, "the target's needs", name,
                                               tables.target.place("use"), loader));
  }
  return services;
}

void check_services(ServiceTables tables, const ServiceSettings& services,
                    const PostgresSettings& postgres, const TargetSettings& target) {
  if (!services.path.empty() && !postgres.target_dsn_env.empty()) {
    tables.postgres.refuse(kVia, "and postgres.target_dsn_env exclude each other",
                           "leave one out: the target has one address of its database");
  }
  if (tables.postgres.has(kVia) && target.runs_already()) {
    tables.postgres.refuse(kVia, "has no effect: the target's server runs already (serve.url)",
                           "leave it out");
  }
  check_path(tables.postgres, services, postgres);
  check_beside(tables.target, services);
}

base::Json to_json(const ServiceSettings& services) {
  base::Json json = base::Json::object();
  for (const ServiceUse& service : services.all()) {
    base::Json& shown = json[service.name];
    if (!service.use.empty()) shown["use"] = service.use;
    shown["params"] = service.params;
  }
  return json;
}

}  // namespace poolbench::scenario
