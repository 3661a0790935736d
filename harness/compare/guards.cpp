#include "compare/guards.h"

#include <algorithm>
#include <array>

#include "scenario/postgres_wheels.h"

namespace poolbench::compare {

using base::Json;

namespace {

constexpr const char* kPackaging = "environment.postgres.packaging";

constexpr std::array kMustMatch = {"environment.host.arch",
                                   "environment.host.cpu.model.name",
                                   "environment.host.cpu.logical_count",
                                   "environment.cgroup.cpu_max",
                                   "environment.cgroup.memory_max",
                                   "environment.postgres.source",
                                   kPackaging,
                                   "environment.target.name",
                                   kData,
                                   "environment.generator.name",
                                   "environment.generator.version",
                                   "scenario.name",
                                   "design.warmup_seconds",
                                   "design.measure_seconds"};

constexpr std::array kNotable = {"environment.host.name",
                                 "environment.host.memory_bytes",
                                 "environment.os.description",
                                 "environment.os.kernel_release",
                                 "environment.cpu_governor",
                                 "environment.virtualized",
                                 kPostgresVersion,
                                 "tool.version",
                                 "tool.build"};

/// Settings that say where a throw-away cluster lies, not how it works.
constexpr std::array kWhereabouts = {"port",
                                     "unix_socket_directories",
                                     "data_directory",
                                     "config_file",
                                     "hba_file",
                                     "ident_file",
                                     "external_pid_file",
                                     "log_directory",
                                     "cluster_name",
                                     "log_filename",
                                     "ssl_cert_file",
                                     "ssl_key_file"};

/// What a throw-away cluster writes about sessions: it costs a little, and is no other server.
constexpr std::array kSessionLog = {"log_connections", "log_disconnections", "log_line_prefix",
                                    "logging_collector"};

bool holds(const auto& list, std::string_view path) {
  return std::find(list.begin(), list.end(), path) != list.end();
}

/// What the services are is a condition: a difference of them is no change of the target.
bool is_binding_service(std::string_view path) {
  return is_below(path, kServices) && (path.find(".versions.") != std::string_view::npos ||
                                       path.find(".file_templates.") != std::string_view::npos);
}

constexpr std::string_view kPostgresSettings = "environment.postgres.settings.";

bool is_setting_among(const auto& names, std::string_view path) {
  return path.starts_with(kPostgresSettings) && holds(names, path.substr(kPostgresSettings.size()));
}

}  // namespace

Json major_version(const Json& version) {
  if (!version.is_string()) return version;
  const auto& text = version.get_ref<const std::string&>();
  return text.substr(0, text.find_first_not_of("0123456789"));
}

bool is_of_wheels(const Facts& facts) {
  return fact(facts, kPackaging) == scenario::kPostgresWheels;
}

bool must_match(std::string_view path) {
  return holds(kMustMatch, path) || is_binding_service(path);
}

bool is_binding_setting(std::string_view path) {
  return path.starts_with(kPostgresSettings) && !is_setting_among(kWhereabouts, path) &&
         !is_setting_among(kSessionLog, path);
}

Weight weight_of(const std::string& path, const Json& base, const Json& head) {
  const bool one_unknown = base.is_null() || head.is_null();
  if (path.starts_with(kPostgresSettings)) {
    // A setting that one side does not list has its default there: a real difference.
    if (is_binding_setting(path)) return Weight::kBlocking;
    return is_setting_among(kSessionLog, path) ? Weight::kNotable : Weight::kNone;
  }
  if (path == kPostgresVersion && major_version(base) != major_version(head)) {
    return Weight::kBlocking;
  }
  if (must_match(path) || is_below(path, kInherited)) {
    return one_unknown ? Weight::kNotable : Weight::kBlocking;
  }
  if (holds(kNotable, path) || is_below(path, kServices)) return Weight::kNotable;
  if (is_under(path, kInherited) || is_under(path, kInheritedAlways)) {
    // An older report tells of neither.
    const bool tells = path != kInherited && path != kInheritedAlways && !one_unknown;
    return tells ? Weight::kNotable : Weight::kNone;
  }
  return is_below(path, kTarget) ? Weight::kChanged : Weight::kNone;
}

}  // namespace poolbench::compare
