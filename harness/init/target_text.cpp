#include "init/target_text.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cctype>

#include "base/json.h"
#include "base/text.h"
#include "scenario/target/target_file.h"

namespace poolbench::init {
namespace {

constexpr std::size_t kLongestName = 100;

/// A text or a list of texts as TOML writes it, which JSON does, too.
std::string toml(const base::Json& value) {
  if (!value.is_array()) return base::json_dump(value);
  std::vector<std::string> elements;
  for (const base::Json& element : value) elements.push_back(toml(element));
  return fmt::format("[{}]", fmt::join(elements, ", "));
}

std::string toml(const std::map<std::string, std::string>& variables) {
  std::vector<std::string> pairs;
  for (const auto& [name, text] : variables) {
    pairs.push_back(fmt::format("{} = {}", name, toml(base::Json(text))));
  }
  return fmt::format("{{ {} }}", fmt::join(pairs, ", "));
}

std::string heading(const Application& application, const std::string& name) {
  const std::string guess =
      application.kind.empty()
          ? "It was not recognised"
          : fmt::format("It was taken for {} ({})", application.kind,
                        base::printable(fmt::format("{}", fmt::join(application.seen, ", "))));
  const std::string what = application.url.empty()
                               ? fmt::format("How poolbench starts {}", name)
                               : fmt::format("Where the server of {} runs", name);
  std::string text = fmt::format(
      "# {}, and what it must answer.\n"
      "# {}.\n"
      "# Lines with EDIT are guesses to look at. docs/scenario-reference.md has all keys.\n"
      "schema = 2\nname = {}\nsummary = {}\ndefault_endpoint = \"page\"\n",
      what, guess, toml(base::Json(name)),
      toml(base::Json(application.kind.empty() ? name
                                               : fmt::format("{}: {}", name, application.kind))));
  if (!application.inherit.empty()) {
    text += fmt::format(
        "# It does not start without these variables: set them before a run.\n"
        "inherit = {}\n",
        toml(base::Json(application.inherit)));
  }
  return text;
}

std::string parameter_text(const Parameter& parameter) {
  const std::string reaches =
      parameter.argument.empty()
          ? fmt::format("environment = {}", toml(base::Json(parameter.variable)))
          : fmt::format("argument = {}", toml(base::Json(parameter.argument)));
  const int least = std::min(parameter.default_value, parameter.worth_trying.front());
  return fmt::format(
      "\n[params.{}]\ntype = \"integer\"\ndefault = {}\nmin = {}\nsummary = {}\n{}\n",
      parameter.name, parameter.default_value, std::min(least, 1),
      toml(base::Json(parameter.summary)), reaches);
}

std::string prepare_text(const Application& application) {
  if (application.prepare_command.empty()) return {};
  return fmt::format(
      "\n# Runs once, and again when the inputs change.\n"
      "[prepare]\ninputs = {}\ncommand = {}\n",
      toml(base::Json(application.prepare_inputs)), toml(base::Json(application.prepare_command)));
}

std::string data_text(const Application& application) {
  std::string text = "\n# Fills an empty database; each trial gets a copy of it.\n[data]\n";
  if (application.data_commands.empty()) {
    return text + fmt::format(
                      "{} what makes tables and rows: [[\"psql\", \"--quiet\", \"--file\", "
                      "\"schema.sql\"]]\n"
                      "commands = []\n",
                      kEditMark);
  }
  text += fmt::format("inputs = {}\ncommands = [\n", toml(base::Json(application.data_inputs)));
  for (const auto& command : application.data_commands) {
    text += fmt::format("  {},\n", toml(base::Json(command)));
  }
  if (application.makes_rows) return text + "]\n";
  return text +
         fmt::format("  {} a command that makes rows, so that there is work to do\n]\n", kEditMark);
}

/// What the environment does not tell the application, in words; empty: nothing.
std::string missing_words(const Application& application) {
  std::vector<std::string> missing;
  if (!application.knows_port) missing.emplace_back("PORT = \"{port}\"");
  if (!application.knows_database) missing.emplace_back("DATABASE_URL = \"{database_url}\"");
  return fmt::format("{}", fmt::join(missing, ", "));
}

std::string serve_text(const Application& application) {
  std::string text = "\n[serve]\n";
  text += application.command.empty()
              ? fmt::format(
                    "command = [\"./serve\", \"--bind\", \"{{host}}:{{port}}\"]  {} what "
                    "starts it\n",
                    kEditMark)
              : fmt::format("command = {}\n", toml(base::Json(application.command)));
  if (!application.serve_folder.empty()) {
    text += fmt::format("folder = {}\n", toml(base::Json(application.serve_folder)));
  }
  if (const std::string missing = missing_words(application); !missing.empty()) {
    text += fmt::format(
        "# PGHOST, PGPORT, PGUSER, PGPASSWORD and PGDATABASE are set in any case.\n"
        "{} its sources do not show which variables it reads for this: {}\n",
        kEditMark, missing);
  }
  if (!application.environment.empty()) {
    text += fmt::format("environment = {}\n", toml(application.environment));
  }
  return text;
}

std::string url_text(const Application& application) {
  return fmt::format(
      "\n# It is not started: what it uses, and its sessions, are not known. To compare settings "
      "of\n"
      "# the application let poolbench start it: command instead of url.\n"
      "[serve]\nurl = {}\n",
      toml(base::Json(application.url)));
}

std::string endpoint_text(const Application& application) {
  const bool has_health = !application.health.empty();
  const bool has_workers = std::ranges::find(application.parameters, "workers", &Parameter::name) !=
                           application.parameters.end();
  constexpr int kGood = 200, kFirstError = 400;
  const bool is_wrong = application.status >= kFirstError;
  std::string text = fmt::format(
      "\n[ready]\nendpoint = \"{}\"\ntimeout = \"30s\"\n{}\n"
      "[endpoint.page]\n"
      "{} the page to measure{}, and in expect words of its right answer: contains = \"Teapot\"\n"
      "path = {}\nexpect = {{ status = {} }}\n",
      has_health ? "health" : "page", has_workers ? "worker_param = \"workers\"\n" : "", kEditMark,
      is_wrong ? fmt::format(" ({} answers with {})", application.path, application.status) : "",
      toml(base::Json(application.path)), is_wrong ? kGood : application.status);
  if (has_health) {
    text += fmt::format("\n[endpoint.health]\npath = {}\n", toml(base::Json(application.health)));
  }
  return text;
}

/// The axis of a first scenario, its values, and what the question is.
struct Axis {
  std::string path, name, question;
  std::vector<int> values;
};
Axis axis_of(const Application& application) {
  const auto& all = application.parameters;
  if (all.empty()) {
    return {"load.connections", "connections", "What do more clients at once cost?", {10, 50}};
  }
  const auto pool =
      std::ranges::find_if(all, [](const auto& each) { return !each.variable.empty(); });
  const Parameter& chosen = pool == all.end() ? all.front() : *pool;
  return {"target.params." + chosen.name, chosen.name,
          fmt::format("Which value of {} serves most requests?", chosen.name), chosen.worth_trying};
}

}  // namespace

std::string plain_name(const std::string& folder) {
  std::string name;
  for (const char c : folder.substr(0, kLongestName)) {
    const auto byte = static_cast<unsigned char>(c);
    if (std::isalnum(byte) != 0) {
      name += static_cast<char>(std::tolower(byte));
    } else if (!name.empty() && name.back() != '-') {
      name += '-';
    }
  }
  while (name.ends_with('-')) name.pop_back();
  return name.empty() ? "application" : name;
}

std::string target_text(const Application& application, const std::string& name) {
  std::string text = heading(application, name);
  if (!application.url.empty()) return text + url_text(application) + endpoint_text(application);
  for (const Parameter& parameter : application.parameters) text += parameter_text(parameter);
  return text + prepare_text(application) + data_text(application) + serve_text(application) +
         endpoint_text(application);
}

std::string scenario_text(const Application& application, const std::string& name) {
  const Axis axis = axis_of(application);
  return fmt::format(
      R"(# A first measurement of {0}. All keys: docs/scenario-reference.md.
schema = 1
name = "{0}"
summary = {1}

[target]
use = "./{2}"
{8}
[load]
connections = 50
warmup = "2s"
measure = "5s"

# Every cell runs once in each block; intervals need six.
[design]
blocks = 6

[matrix]
"{3}" = {4}

[[compare]]
name = "{5}: {6} against {7}"
baseline = {{ {5} = {6} }}
candidate = {{ {5} = {7} }}
)",
      name, toml(base::Json(axis.question)), scenario::kTargetFile, axis.path,
      toml(base::Json(axis.values)), axis.name, axis.values.front(), axis.values.back(),
      application.allow_remote ? "allow_remote = true  # its owner knows of this\n" : "");
}

}  // namespace poolbench::init
