#include "run/environment.h"

#include "base/version.h"
#include "process/run_command.h"
#include "service/prepare.h"
#include "service/target_command.h"

namespace poolbench::run {

report::Tool tool_facts() { return {"poolbench", base::kVersion, base::kRevision, base::kBuild}; }

base::Result<report::PostgresFacts> postgres_facts(service::PostgresSession& session,
                                                   const scenario::PostgresSettings& settings) {
  const auto version = session.version();
  if (!version) return tl::unexpected(version.error());
  const auto changed = session.changed_settings();
  if (!changed) return tl::unexpected(changed.error());
  const bool is_ours = settings.source == scenario::PostgresSettings::Source::kPrivate;
  return report::PostgresFacts{*version, is_ours ? "private" : "external", *changed};
}

base::Result<report::TargetFacts> target_facts(process::Supervisor& supervisor,
                                               const scenario::TargetSpec& target,
                                               const std::filesystem::path& prepared) {
  report::TargetFacts facts;
  facts.name = target.name;
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
    facts.versions = base::parse_json(*output);
    if (!facts.versions.is_object()) {
      return base::failed("the target's versions command printed no JSON object: " + *output,
                          target.folder.string());
    }
  }
  base::Json inherited;
  service::describe_inherited(target, inherited);
  facts.inherited = inherited["inherited"];
  facts.inherited_always = inherited["inherited_always"];
  facts.data_sha256 = {std::nullopt};
  facts.data_inputs_sha256 = {std::nullopt};
  if (!target.data.inputs) return facts;
  const auto hash = [&](const std::vector<std::vector<std::string>>& commands) {
    return service::hash_inputs(target.folder, *target.data.inputs, commands);
  };
  auto makers = target.data.commands;  // of the data, with what a superuser makes
  if (!target.data.extensions.empty()) makers.push_back(target.data.extensions);
  const auto data = hash(makers), inputs = hash({});
  if (!data || !inputs) return tl::unexpected(data ? inputs.error() : data.error());
  facts.data_sha256 = {*data};
  facts.data_inputs_sha256 = {*inputs};
  return facts;
}

}  // namespace poolbench::run
