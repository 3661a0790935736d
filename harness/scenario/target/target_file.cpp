#include "scenario/target/target_file.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "scenario/target/program_reading.h"
#include "scenario/target/target_budget.h"
#include "scenario/target/target_data.h"
#include "scenario/target/target_params.h"
#include "scenario/target/target_serve.h"
#include "scenario/toml/reader.h"
#include "scenario/toml/setting.h"

namespace poolbench::scenario {
namespace {

using std::chrono_literals::operator""ms;
using std::chrono_literals::operator""s;

/// `name` must be one of `known`; what it is called in the message is `kind`.
void refuse_unknown_name(TableReader& reader, std::string_view key, const std::string& name,
                         std::string_view kind, const std::vector<std::string>& known) {
  if (!reader.has(key) || name.empty() || std::ranges::find(known, name) != known.end()) return;
  reader.refuse(key, fmt::format("names no {}: {}", kind, in_quotes(name)),
                suggestion(name, known));
}

TargetSpec::Ready read_ready(TableReader& top, const TargetSpec& spec) {
  TableReader reader = table_below(top, "ready");
  TargetSpec::Ready ready;
  ready.endpoint = reader.text("endpoint").value_or(spec.default_endpoint);
  refuse_unknown_name(reader, "endpoint", ready.endpoint, "endpoint", names_of(spec.endpoints));
  ready.timeout = reader.duration("timeout", 1s).value_or(20s);
  ready.worker_header = reader.text("worker_header").value_or("");
  ready.worker_param = reader.text("worker_param").value_or("");
  refuse_unknown_name(reader, "worker_param", ready.worker_param, "parameter",
                      names_of(spec.params));
  const auto param = spec.params.find(ready.worker_param);
  if (param != spec.params.end() && !param->second.default_value.is_number_integer()) {
    reader.refuse("worker_param", "must name a parameter that is an integer");
  }
  ready.settle = reader.duration("settle", 1ms).value_or(0s);
  if (reader.has("settle") && !ready.worker_header.empty()) {
    reader.refuse("settle", "cannot stand beside worker_header",
                  "leave it out: the header tells when every worker has answered");
  }
  reader.refuse_unknown();
  return ready;
}

/// The texts in which a parameter's placeholder may stand.
std::vector<std::string> texts_of(const TargetSpec& spec) {
  std::vector<std::string> texts = spec.serve.command;
  const auto add = [&](const auto& by_name) {
    for (const auto& [name, value] : by_name) texts.push_back(value);
  };
  add(spec.serve.environment);
  add(spec.data.environment);
  for (const auto& command : spec.data.commands) {
    texts.insert(texts.end(), command.begin(), command.end());
  }
  for (const auto& [name, file] : spec.files) texts.push_back(file.text);
  const auto add_request = [&](EndpointSpec request) {
    for (const std::string* text : texts_of(request)) texts.push_back(*text);
  };
  for (const auto& [name, endpoint] : spec.endpoints) add_request(endpoint);
  for (const LoginSpec& login : spec.logins) add_request(login.request);
  return texts;
}

/// Parameters, data, files and requests: what later tables name.
void read_declarations(TableReader& top, TargetSpec& spec) {
  const Setting* const params = top.any("params");
  const Setting* const serve = top.any("serve");
  const base::OtherWords files = file_words(top);
  // With a server that runs already parameters are no use at all, which is said there.
  const bool is_started = serve == nullptr || serve->find("url") == nullptr;
  const auto unfilled = is_started ? unfilled_words(top) : std::vector<UnfilledWord>{};
  spec.params = read_parameters(params, {"params", base::TextPlace::kParameter, files, unfilled},
                                top.place("params"), top.mistakes());
  spec.rules = read_rules(top, spec.params);
  spec.data = read_data(top, spec.folder);
  const base::OtherWords of_data = words_of(kDataParams, spec.data.params);
  TargetRequests requests = read_requests(top, spec.folder, of_data);
  spec.endpoints = std::move(requests.endpoints);
  spec.logins = std::move(requests.logins);
  spec.request_files = std::move(requests.files);
}

std::vector<std::string> read_needs(TableReader& top) {
  std::vector<std::string> names = top.texts("needs");
  for (std::size_t i = 0; i < names.size(); ++i) {
    if (!base::is_word(service_word(names[i], base::kHostWord))) {
      top.refuse("needs",
                 fmt::format("names a service {}, which no placeholder can be made of",
                             in_quotes(names[i])),
                 "use lower-case letters, digits and _");
    } else if (std::find(names.begin(), names.begin() + std::ptrdiff_t(i), names[i]) !=
               names.begin() + std::ptrdiff_t(i)) {
      top.refuse("needs", fmt::format("names {} twice", in_quotes(names[i])));
    }
  }
  return names;
}

/// {params.X}, {data.params.X}, {file.X} and {service.X.port}.
base::OtherWords words_for_serve(TableReader& top, const TargetSpec& spec) {
  base::OtherWords words = words_of("params", spec.params);
  for (const auto& more : {words_of(kDataParams, spec.data.params), file_words(top)}) {
    words.insert(words.end(), more.begin(), more.end());
  }
  for (const std::string& name : spec.needs) {
    for (const char* const place : {base::kHostWord, base::kPortWord, base::kSocketWord}) {
      words.push_back(service_word(name, place));
    }
  }
  return words;
}

/// Each rendered file must be named where somebody reads its path.
void check_files_are_used(TableReader& top, const TargetSpec& spec) {
  const Setting* const files = top.any("file");
  for (const auto& [name, file] : spec.files) {
    TargetSpec others = spec;
    others.files.erase(name);
    std::vector<std::string> texts = texts_of(others);
    for (const auto& [param, way] : spec.params) {
      texts.insert(texts.end(), way.argument.begin(), way.argument.end());
      texts.push_back(way.flag);
    }
    const std::string word = "file." + name;
    const auto holds = [&](const std::string& text) { return base::holds_word(text, word); };
    if (std::ranges::any_of(texts, holds)) continue;
    top.mistakes().add(files->find(name)->place,
                       fmt::format("{} is rendered, and nothing names it", word),
                       fmt::format("let serve.command or serve.environment hold {{{}}}", word));
  }
}

/// Each parameter must reach somebody; who that is, is not known where a template cannot be read.
void check_parameters_are_used(TableReader& top, const TargetSpec& spec) {
  const Setting* const files = top.any("file");
  if (files != nullptr && files->members.size() != spec.files.size()) return;
  const std::vector<std::string> texts = texts_of(spec);
  refuse_unused(top.any("params"), "params", texts, top.mistakes());
  const Setting* const data = top.any("data");
  if (data != nullptr) refuse_unused(data->find("params"), kDataParams, texts, top.mistakes());
}

TargetSpec read_whole(TableReader& top, const std::filesystem::path& folder) {
  TargetSpec spec;
  if (!top.has("schema")) top.refuse_missing("schema", "write schema = 2");
  spec.schema = static_cast<int>(top.integer("schema", 1, 2).value_or(2));
  read_head(top, folder, spec);
  spec.needs = read_needs(top);
  read_declarations(top, spec);
  spec.default_endpoint = top.required_text("default_endpoint");
  refuse_unknown_name(top, "default_endpoint", spec.default_endpoint, "endpoint",
                      names_of(spec.endpoints));
  spec.prepare = read_prepare(top, folder);
  const base::OtherWords words = words_for_serve(top, spec);
  spec.serve = read_serve(top, folder, words);
  spec.files = read_files(top, folder, {words, unfilled_words(top)});
  spec.ready = read_ready(top, spec);
  spec.metrics = read_metrics(top, {.prefix = "target."});
  spec.budget = read_budget(top, spec.params, spec.metrics);
  spec.versions_command = read_versions(top);
  check_parameters_are_used(top, spec);
  top.refuse_unknown();
  return spec;
}

}  // namespace

std::string service_word(std::string_view service, std::string_view place) {
  return fmt::format("service.{}.{}", service, place);
}

std::optional<TargetSpec> read_target(const std::shared_ptr<const Source>& source,
                                      const std::filesystem::path& folder, Mistakes& mistakes) {
  const std::size_t before = mistakes.count();
  const std::optional<Setting> root = parse_toml(source->text, source, mistakes);
  if (!root) return std::nullopt;
  TableReader top(&*root, "", root->place, mistakes);
  TargetSpec spec = read_whole(top, folder);
  // What is misspelt elsewhere may be what names them.
  if (mistakes.count() == before) check_files_are_used(top, spec);
  return mistakes.count() == before ? std::optional(std::move(spec)) : std::nullopt;
}

}  // namespace poolbench::scenario
