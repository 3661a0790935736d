#include "run/environment.h"

#include "base/version.h"
#include "service/inherited.h"
#include "service/prepare.h"
#include "service/ready.h"

namespace poolbench::run {

base::Json tool_facts() {
  return {{"name", "poolbench"},
          {"version", base::kVersion},
          {"revision", base::kRevision},
          {"build", base::kBuild}};
}

base::Result<base::Json> postgres_facts(probe::PostgresSession& session,
                                        const scenario::PostgresSettings& settings) {
  const auto version = session.version();
  if (!version) return tl::unexpected(version.error());
  const auto changed = session.changed_settings();
  if (!changed) return tl::unexpected(changed.error());
  base::Json facts;
  facts["version"] = *version;
  facts["source"] =
      settings.source == scenario::PostgresSettings::Source::kPrivate ? "private" : "external";
  facts["settings"] = *changed;
  return facts;
}

base::Result<base::Json> target_facts(process::Supervisor& supervisor,
                                      const scenario::TargetSpec& target,
                                      const std::filesystem::path& prepared) {
  base::Json facts;
  facts["name"] = target.name;
  facts["versions"] = base::Json::object();
  if (!target.versions_command.empty()) {
    constexpr base::Duration kLimit = std::chrono::seconds(30);
    process::Command command;
    command.name = "versions of target " + target.name;
    command.argv = service::target_command(target, target.versions_command, prepared);
    command.environment = service::target_environment(target);
    command.folder = target.folder;
    const auto output = service::capture_stdout(supervisor, command, kLimit);
    if (!output) return tl::unexpected(output.error());
    facts["versions"] = base::Json::parse(*output, nullptr, false);
    if (!facts["versions"].is_object()) {
      return base::failed("the target's versions command printed no JSON object: " + *output,
                          target.folder.string());
    }
  }
  const auto data = service::hash_inputs(target.folder, target.data.inputs);
  if (!data) return tl::unexpected(data.error());
  facts["data_sha256"] = *data;
  service::describe_inherited(target, facts);
  return facts;
}

}  // namespace poolbench::run
