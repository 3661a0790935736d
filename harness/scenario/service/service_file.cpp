#include "scenario/service/service_file.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <iterator>
#include <set>
#include <utility>

#include "base/environment.h"
#include "base/file.h"
#include "base/placeholder.h"
#include "base/program.h"
#include "scenario/scenario.h"
#include "scenario/target/program_reading.h"
#include "scenario/target/target_data.h"
#include "scenario/target/target_params.h"
#include "scenario/toml/reader.h"
#include "scenario/toml/setting.h"

namespace poolbench::scenario {
namespace {

using std::chrono_literals::operator""s;
using base::TextPlace;

/// A list of commands, each a list of strings.
std::vector<std::vector<std::string>> read_after_ready(TableReader& top,
                                                       const base::OtherWords& words) {
  std::vector<std::vector<std::string>> commands;
  const Setting* list = top.list("after_ready");
  if (list == nullptr) return commands;
  for (const Setting& command : list->items) {
    std::vector<std::string> argv;
    for (const Setting& word : command.items) {
      if (word.is_string()) argv.push_back(word.text());
    }
    if (argv.empty() || argv.size() != command.items.size()) {
      top.mistakes().add(command.place,
                         "after_ready must be a list of commands, each a list of strings");
    }
    commands.push_back(std::move(argv));
  }
  check_placeholders(top, "after_ready", TextPlace::kService, words);
  return commands;
}

std::string port_word(const std::string& name) { return fmt::format("port.{}", name); }

/// `more_ports`, each of which can be a placeholder.
std::vector<std::string> read_more_ports(TableReader& serve) {
  std::vector<std::string> names = serve.texts("more_ports");
  for (auto name = names.begin(); name != names.end(); ++name) {
    if (!base::is_word(port_word(*name))) {
      serve.refuse("more_ports",
                   fmt::format("holds {}, which no placeholder can be made of", in_quotes(*name)),
                   "use lower-case letters, digits and _");
    } else if (std::find(names.begin(), name, *name) != name) {
      serve.refuse("more_ports", fmt::format("holds {} twice", in_quotes(*name)));
    }
  }
  return names;
}

ServiceSpec::Serve read_serve(TableReader& top, base::OtherWords& words,
                              const std::vector<UnfilledWord>& unfilled) {
  TableReader reader = table_below(top, "serve");
  ServiceSpec::Serve serve;
  serve.more_ports = read_more_ports(reader);
  for (const std::string& name : serve.more_ports) words.push_back(port_word(name));
  read_start(reader, {TextPlace::kServiceCommand, TextPlace::kService, words, unfilled}, serve);
  if (const auto folder = plain_text(reader, "folder")) serve.folder = *folder;
  reader.refuse_unknown();
  return serve;
}

ServiceSpec::Ready read_ready(TableReader& top, const ServiceSpec& spec) {
  TableReader reader = table_below(top, "ready");
  ServiceSpec::Ready ready;
  const auto by = reader.choice("by", {"postgres", "connect"});
  ready.by_postgres = by ? *by == "postgres" : spec.takes_upstream;
  if (by == "postgres" && !spec.takes_upstream) {
    reader.refuse("by", "= \"postgres\" is for a service that leads to PostgreSQL",
                  "let its texts hold {upstream.host} and {upstream.port}, or write \"connect\"");
  }
  ready.timeout = reader.duration("timeout", 1s).value_or(10s);
  ready.before_commands = reader.text("before_commands").value_or("");
  const auto& ports = spec.serve.more_ports;
  if (!ready.before_commands.empty() &&
      std::ranges::find(ports, ready.before_commands) == ports.end()) {
    reader.refuse(
        "before_commands",
        fmt::format("names no port of serve.more_ports: {}", in_quotes(ready.before_commands)),
        suggestion(ready.before_commands, ports));
  } else if (reader.has("before_commands") && spec.after_ready.empty()) {
    reader.refuse("before_commands", "has no effect without after_ready", "leave it out");
  }
  reader.refuse_unknown();
  return ready;
}

void read_gives(TableReader& top, const base::OtherWords& words, ServiceSpec& spec) {
  TableReader reader = table_below(top, "gives");
  spec.gives = reader.text_by_name("environment");
  check_placeholders(reader, "environment", TextPlace::kService, words);
  for (const auto& [name, value] : spec.gives) {
    if (base::is_libpq_variable(name)) continue;
    reader.refuse("environment", fmt::format("sets {}, which libpq does not read", name),
                  "name variables such as PGSSLMODE; the service's address is given as PGHOST and "
                  "PGPORT by itself");
  }
  spec.any_database = reader.boolean("any_database").value_or(true);
  if (top.has("gives") && !spec.takes_upstream) {
    top.refuse("gives", "has no effect: the service does not lead to PostgreSQL",
               "let its texts hold {upstream.host} and {upstream.port}, or leave it out");
  }
  reader.refuse_unknown();
}

void read_wait(TableReader& upstream, ServiceSpec& spec) {
  spec.wait = upstream.text("wait").value_or("");
  if (spec.wait.empty()) return;
  const auto metric = std::ranges::find(spec.metrics, spec.wait, &MetricSpec::name);
  const auto unit = metric == spec.metrics.end() ? std::nullopt : us_per_request(*metric);
  if (unit) {
    spec.wait_us_per_unit = *unit;
  } else {
    upstream.refuse("wait",
                    "must name a [[metric]] of the service: a counter per request, in us, "
                    "ms or s; found " +
                        in_quotes(spec.wait));
  }
}

void read_upstream(TableReader& top, ServiceSpec& spec) {
  TableReader reader = table_below(top, "upstream");
  spec.only_tcp = reader.choice("transport", {"any", "tcp"}) == "tcp";
  spec.pools = reader.boolean("pools").value_or(false);
  read_wait(reader, spec);
  if (top.has("upstream") && !spec.takes_upstream) {
    top.refuse("upstream", "has no effect: the service does not lead to PostgreSQL",
               "let its texts hold {upstream.host} and {upstream.port}, or leave it out");
  }
  reader.refuse_unknown();
}

/// All its texts that may hold placeholders, but for those of [gives].
std::vector<std::string> texts_of(const ServiceSpec& spec) {
  std::vector<std::string> texts = spec.serve.command;
  for (const auto& [name, value] : spec.serve.environment) texts.push_back(value);
  for (const auto& [name, file] : spec.files) texts.push_back(file.text);
  for (const auto& argv : spec.after_ready) texts.insert(texts.end(), argv.begin(), argv.end());
  return texts;
}

/// The words of all its texts, those of [gives] included.
std::set<std::string> words_in(const ServiceSpec& spec) {
  std::vector<std::string> texts = texts_of(spec);
  for (const auto& [name, value] : spec.gives) texts.push_back(value);
  for (const auto& [name, param] : spec.params) {
    texts.insert(texts.end(), param.argument.begin(), param.argument.end());
  }
  std::set<std::string> words;
  for (const std::string& text : texts) {
    for (const auto& found : base::Template(text).placeholders) words.insert(found.word);
  }
  return words;
}

bool any_begins(const std::set<std::string>& words, std::string_view beginning) {
  return std::ranges::any_of(words,
                             [&](const std::string& word) { return word.starts_with(beginning); });
}

/// A port that no text names is one that the program does not know of.
void refuse_unnamed_ports(TableReader& top, const ServiceSpec& spec) {
  const std::set<std::string> words = words_in(spec);
  TableReader reader = table_below(top, "serve");
  const std::string own = spec.serve.unix_socket ? base::kSocketWord : base::kPortWord;
  if (!words.contains(own)) {
    reader.refuse("command",
                  fmt::format("does not tell the program where to listen: {{{}}} stands nowhere "
                              "in the service's texts",
                              own),
                  "write it in the command, in serve.environment or in a file of [file]");
  }
  for (const std::string& name : spec.serve.more_ports) {
    if (words.contains(port_word(name))) continue;
    reader.refuse("more_ports",
                  fmt::format("holds {}, but {{{}}} stands nowhere in the service's texts",
                              in_quotes(name), port_word(name)),
                  "tell the program of it, or leave it out");
  }
}

/// The first of its programs that is nowhere to be found; empty if all are there.
std::string missing_program(TableReader& top, const ServiceSpec& spec) {
  std::vector<std::string> programs = top.texts("programs");
  if (!top.has("programs") && !spec.serve.command.empty()) {
    const std::string& program = spec.serve.command.front();
    if (base::Template(program).placeholders.empty()) programs = {program};
  }
  const std::string path = service_path();
  for (const std::string& program : programs) {
    const bool is_relative = program.find('/') != std::string::npos;
    const std::string name = is_relative ? (spec.folder / program).string() : program;
    if (base::find_program(name, path).empty()) return program;
  }
  return {};
}

ServiceSpec read_whole_service(TableReader& top, const std::filesystem::path& folder) {
  ServiceSpec spec;
  if (!top.has("schema")) top.refuse_missing("schema", "write schema = 1");
  top.integer("schema", 1, 1);
  read_head(top, folder, spec);
  spec.install = top.text("install").value_or("");
  std::vector<UnfilledWord> unfilled;
  if (!listens_on_unix_socket(top)) unfilled.push_back(no_socket_word());
  base::OtherWords words = file_words(top);
  spec.params =
      read_parameters(top.any("params"), {"params", TextPlace::kServiceParameter, words, unfilled},
                      top.place("params"), top.mistakes());
  spec.rules = read_rules(top, spec.params, "service");
  spec.prepare = read_prepare(top, folder);
  std::ranges::move(words_of("params", spec.params), std::back_inserter(words));
  spec.serve = read_serve(top, words, unfilled);
  spec.files = read_files(top, folder, {words, unfilled, TextPlace::kService});
  spec.after_ready = read_after_ready(top, words);
  spec.takes_upstream = any_begins(words_in(spec), base::kUpstreamWords);
  spec.ready = read_ready(top, spec);
  read_gives(top, words, spec);
  spec.metrics =
      read_metrics(top, {.prefix = "", .is_service = true, .ports = spec.serve.more_ports});
  read_upstream(top, spec);
  spec.speaks_tls = any_begins(words_in(spec), "tls_");
  spec.versions_command = read_versions(top, words_of("params", spec.params));
  spec.missing = missing_program(top, spec);
  refuse_unused(top.any("params"), "params", texts_of(spec), top.mistakes());
  top.refuse_unknown();
  return spec;
}

}  // namespace

std::optional<ServiceSpec> read_service(const std::shared_ptr<const Source>& source,
                                        const std::filesystem::path& folder, Mistakes& mistakes) {
  const std::size_t before = mistakes.count();
  const std::optional<Setting> root = parse_toml(source->text, source, mistakes);
  if (!root) return std::nullopt;
  TableReader top(&*root, "", root->place, mistakes);
  ServiceSpec spec = read_whole_service(top, folder);
  if (mistakes.count() == before) refuse_unnamed_ports(top, spec);
  return mistakes.count() == before ? std::optional(std::move(spec)) : std::nullopt;
}

std::string service_path() {
  const char* const own = std::getenv("PATH");
  return fmt::format("{}:/usr/local/sbin:/usr/sbin:/sbin",
                     own == nullptr ? "/usr/local/bin:/usr/bin:/bin" : own);
}

ServiceLookup::ServiceLookup(std::filesystem::path scenario_folder)
    : folder_(std::move(scenario_folder)) {}

std::shared_ptr<const ServiceSpec> ServiceLookup::find(const NamedService& named,
                                                       Mistakes& mistakes) {
  const std::string& word = named.use == nullptr ? named.name : named.use->text();
  const auto known = loaded_.find(word);
  if (known != loaded_.end()) return known->second;
  const std::string said =
      named.use == nullptr ? named.said : fmt::format("service.{}.use", named.name);
  const auto found = find_declaration(
      folder_, {said, "service", "services", kServiceFile, word, named.place}, mistakes);
  if (!found) return loaded_[word] = nullptr;
  std::optional<ServiceSpec> spec = read_service(found->source, found->folder, mistakes);
  return loaded_[word] = spec ? std::make_shared<const ServiceSpec>(*std::move(spec)) : nullptr;
}

}  // namespace poolbench::scenario
