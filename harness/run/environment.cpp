#include "run/environment.h"

#include "base/version.h"
#include "process/run_command.h"
#include "service/inherited.h"
#include "service/prepare.h"
#include "service/target_words.h"

namespace poolbench::run {

base::Json tool_facts() {
  return {{"name", "poolbench"},
          {"version", base::kVersion},
          {"revision", base::kRevision},
          {"build", base::kBuild}};
}

base::Result<base::Json> postgres_facts(service::PostgresSession& session,
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
    POOLBENCH_TRY(service::set_words(command, target, target.versions_command,
                                     service::target_words(prepared)));
    command.environment = service::target_environment(target);
    command.folder = target.folder;
    const auto output = process::capture_stdout(supervisor, command, kLimit);
    if (!output) return tl::unexpected(output.error());
    facts["versions"] = base::parse_json(*output);
    if (!facts["versions"].is_object()) {
      return base::failed("the target's versions command printed no JSON object: " + *output,
                          target.folder.string());
    }
  }
  service::describe_inherited(target, facts);
  for (const char* name : {"data_sha256", "data_inputs_sha256"}) facts[name] = nullptr;
  if (!target.data.inputs) return facts;
  const auto hash = [&](const std::vector<std::vector<std::string>>& commands) {
    return service::hash_inputs(target.folder, *target.data.inputs, commands);
  };
  auto makers = target.data.commands;  // of the data, with what a superuser makes
  if (!target.data.extensions.empty()) makers.push_back(target.data.extensions);
  const auto data = hash(makers), inputs = hash({});
  if (!data || !inputs) return tl::unexpected(data ? inputs.error() : data.error());
  facts["data_sha256"] = *data;
  facts["data_inputs_sha256"] = *inputs;
  return facts;
}

}  // namespace poolbench::run
