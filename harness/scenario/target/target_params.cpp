#include "scenario/target/target_params.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <optional>

#include "base/text.h"

namespace poolbench::scenario {
namespace {

std::ptrdiff_t characters(std::string_view text) {
  return std::ranges::count_if(text, [](char c) { return !base::continues_character(c); });
}

/// Where byte `offset` of a string stands, if its line writes the string as it is up to there
/// (without escapes); else where the string begins.
Place place_within(const Setting& text, std::size_t offset) {
  Place place = text.place;
  const std::string line = line_of(place);
  std::size_t begin = 0;
  for (int column = 1; begin < line.size(); ++begin) {
    if (base::continues_character(line[begin])) continue;
    if (column++ == place.column) break;
  }
  const std::string_view before = std::string_view(text.text()).substr(0, offset);
  if (place.line == 0 || begin >= line.size() || !line.substr(begin + 1).starts_with(before)) {
    return place;
  }
  place.column += static_cast<int>(1 + characters(before));
  return place;
}

const std::vector<std::string>& type_names() {
  static const std::vector<std::string> names{"boolean", "integer", "number", "string", "table"};
  return names;
}

/// The types of a parameter that a value satisfies: an integer is a number too.
bool has_type(const Setting& value, const std::string& type) {
  switch (value.kind) {
    case Setting::Kind::kTable:
      return type == "table";
    case Setting::Kind::kString:
      return type == "string";
    case Setting::Kind::kBoolean:
      return type == "boolean";
    case Setting::Kind::kInteger:
      return type == "integer" || type == "number";
    case Setting::Kind::kNumber:
      return type == "number";
    case Setting::Kind::kList:
      return false;
  }
  return false;
}

std::vector<std::string> read_types(TableReader& reader) {
  std::vector<std::string> types;
  const Setting* value = reader.any("type");
  if (value == nullptr) {
    reader.refuse_missing("type", fmt::format("one of {}", fmt::join(type_names(), ", ")));
    return types;
  }
  if (value->is_list()) {
    types = reader.texts("type");
  } else if (const auto one = reader.text("type")) {
    types.push_back(*one);
  }
  for (const std::string& type : types) {
    if (std::ranges::find(type_names(), type) != type_names().end()) continue;
    reader.refuse("type", fmt::format("cannot be {}", in_quotes(type)),
                  suggestion(type, type_names()));
  }
  return types;
}

/// How the value reaches the process: by words of the command, or by a variable.
void read_ways(TableReader& reader, const ParameterTable& where, ParameterSpec& spec) {
  spec.argument = reader.texts("argument");
  spec.flag = reader.text("flag").value_or("");
  spec.environment = reader.text("environment").value_or("");
  check_placeholders(reader, "argument", where.place, where.words, where.unfilled);
  check_placeholders(reader, "flag", where.place, where.words, where.unfilled);
  const auto takes_value = [](const std::string& word) {
    return base::holds_word(word, base::kValueWord);
  };
  if (!spec.argument.empty() && std::ranges::none_of(spec.argument, takes_value)) {
    reader.refuse("argument", "has no {value}",
                  "write [\"--option\", \"{value}\"]; of a boolean, flag = \"--option\"");
  }
  if (reader.has("flag") && spec.types != std::vector<std::string>{"boolean"}) {
    reader.refuse("flag", "is for a parameter of type \"boolean\" alone",
                  "write argument = [\"--option\", \"{value}\"]");
  } else if (reader.has("flag") && (spec.flag.empty() || takes_value(spec.flag))) {
    reader.refuse("flag", "is one word, which is there when the value is true",
                  "write flag = \"--option\"");
  }
  if (reader.has("environment") && !is_variable(spec.environment)) {
    reader.refuse("environment", not_a_variable(spec.environment));
  }
}

ParameterSpec read_parameter(const Setting& table, const std::string& path,
                             const ParameterTable& where, Mistakes& mistakes) {
  TableReader reader(&table, path, table.place, mistakes);
  ParameterSpec spec;
  spec.types = read_types(reader);
  spec.min = reader.number("min");
  spec.max = reader.number("max");
  if (spec.min && spec.max && *spec.min > *spec.max) {
    reader.refuse("max", fmt::format("is {}, less than min = {}", *spec.max, *spec.min));
  }
  spec.choices = reader.texts("choices");
  spec.summary = reader.text("summary").value_or("");
  read_ways(reader, where, spec);
  if (const Setting* value = reader.any("default")) {
    spec.default_value = to_json(*value);
    if (!spec.types.empty()) check_parameter(spec, reader.path("default"), *value, mistakes);
  } else {
    reader.refuse_missing("default");
  }
  reader.refuse_unknown();
  return spec;
}

/// A server that runs already is one of this machine, unless the scenario says otherwise. What a
/// name stands for is looked up when the run begins.
void read_remote(TableReader& target, TargetSettings& settings) {
  settings.allow_remote = target.boolean("allow_remote").value_or(false);
  if (settings.spec == nullptr) return;
  const auto& running = settings.spec->serve.running;
  if (!running && target.has("allow_remote")) {
    target.refuse("allow_remote", "has no effect: poolbench starts this target on this machine",
                  "leave it out");
  } else if (running && !settings.allow_remote &&
             !base::is_loopback(running->endpoint.host).value_or(true)) {
    target.refuse(
        "use",
        fmt::format("names a server on another machine, {}", base::to_text(running->url(""))),
        kAllowRemote);
  }
}

}  // namespace

std::optional<std::string> plain_text(TableReader& reader, std::string_view key) {
  check_placeholders(reader, key, base::TextPlace::kNone);
  const std::optional<std::string> text = reader.text(key);
  return text ? std::optional(base::fill(*text, {}).value_or(*text)) : std::nullopt;
}

namespace {

/// Visits the placeholders of a string, or of whatever holds strings.
template <typename Visit>
void each_placeholder(const Setting& value, const std::string& path, const Visit& visit) {
  for (const Setting& item : value.items) each_placeholder(item, path, visit);
  for (const Setting::Member& member : value.members) {
    each_placeholder(member.value, path_below(path, member.key), visit);
  }
  if (!value.is_string()) return;
  for (const base::Placeholder& found : base::Template(value.text()).placeholders) {
    visit(found, place_within(value, found.offset), path);
  }
}

}  // namespace

std::optional<base::Error> wrong_placeholder(const base::Placeholder& placeholder,
                                             base::TextPlace place, const base::OtherWords& others,
                                             const std::vector<UnfilledWord>& unfilled) {
  base::OtherWords not_offered;
  for (const UnfilledWord& each : unfilled) not_offered.emplace_back(each.word);
  if (auto wrong = base::refuse(placeholder, place, others, not_offered)) return wrong;
  const auto found = std::ranges::find(unfilled, placeholder.word, &UnfilledWord::word);
  if (found == unfilled.end()) return std::nullopt;
  return base::Error{base::ErrorCode::kBadInput,
                     fmt::format("{{{}}} {}", found->word, found->why),
                     {},
                     std::string(found->next)};
}

void check_placeholders(TableReader& reader, std::string_view key, base::TextPlace place,
                        const base::OtherWords& others, const std::vector<UnfilledWord>& unfilled) {
  const Setting* const value = reader.any(key);
  if (value == nullptr) return;
  each_placeholder(*value, reader.path(key),
                   [&](const base::Placeholder& found, const Place& at, const std::string& where) {
                     const auto wrong = wrong_placeholder(found, place, others, unfilled);
                     if (!wrong) return;
                     reader.mistakes().add(at, fmt::format("{}: {}", where, wrong->message),
                                           wrong->next);
                   });
}

std::map<std::string, ParameterSpec> read_parameters(const Setting* params,
                                                     const ParameterTable& where,
                                                     const Place& fallback, Mistakes& mistakes) {
  std::map<std::string, ParameterSpec> specs;
  TableReader all(params, where.path, fallback, mistakes);
  if (params == nullptr || !params->is_table()) return specs;
  for (const Setting::Member& member : params->members) {
    specs[member.key] = read_parameter(member.value, all.path(member.key), where, mistakes);
  }
  return specs;
}

base::OtherWords words_of(const std::string& path,
                          const std::map<std::string, ParameterSpec>& params) {
  base::OtherWords words;
  for (const auto& [name, spec] : params) {
    const std::string word = fmt::format("{}.{}", path, name);
    if (base::is_word(word)) words.push_back(word);
  }
  return words;
}

void refuse_unused(const Setting* params, const std::string& path,
                   const std::vector<std::string>& texts, Mistakes& mistakes) {
  if (params == nullptr || !params->is_table()) return;
  for (const Setting::Member& member : params->members) {
    const auto has = [&](const char* way) { return member.value.find(way) != nullptr; };
    if (has("argument") || has("flag") || has("environment")) continue;
    const std::string word = fmt::format("{}.{}", path, member.key);
    const auto holds = [&](const std::string& text) { return base::holds_word(text, word); };
    if (std::ranges::any_of(texts, holds)) continue;
    mistakes.add(
        member.value.place,
        fmt::format("{} has none of argument, flag and environment", path_below(path, member.key)),
        base::is_word(word)
            ? fmt::format("say how its value reaches the process; or let a text hold {{{}}}", word)
            : "say how its value reaches the process");
  }
}

void check_arguments_word(const Setting& command, const std::string& path, Mistakes& mistakes) {
  const std::string alone = fmt::format("{{{}}}", base::kArgumentsWord);
  int count = 0;
  for (const Setting& word : command.items) {
    if (!word.is_string() || !base::holds_word(word.text(), base::kArgumentsWord)) continue;
    ++count;
    if (word.text() == alone) continue;
    mistakes.add(command.place, fmt::format("{} holds {} inside of a word", path, alone),
                 "it stands for the arguments of all parameters: make it an element of its own");
    return;
  }
  if (count < 2) return;
  mistakes.add(command.place, fmt::format("{} holds {} twice", path, alone), "leave one out");
}

bool check_parameter(const ParameterSpec& spec, const std::string& path, const Setting& value,
                     Mistakes& mistakes) {
  const auto refuse = [&](const std::string& wanted, std::string next = {}) {
    mistakes.add(value.place, fmt::format("{} must be {}, found {}", path, wanted, describe(value)),
                 std::move(next));
    return false;
  };
  const auto fits = [&](const std::string& type) { return has_type(value, type); };
  if (std::ranges::none_of(spec.types, fits)) {
    const bool wants_text =
        spec.choices.empty() && std::ranges::find(spec.types, "string") != spec.types.end();
    return refuse(fmt::format("of type {}", fmt::join(spec.types, " or ")),
                  wants_text ? how_to_quote(value) : std::string());
  }
  if (value.is_string() && !spec.choices.empty() &&
      std::ranges::find(spec.choices, value.text()) == spec.choices.end()) {
    return refuse(fmt::format("one of {}", fmt::join(spec.choices, ", ")),
                  suggestion(value.text(), spec.choices));
  }
  if (value.scalar.is_number()) {
    const double number = value.scalar.get<double>();
    if (spec.min && number < *spec.min) return refuse(fmt::format("at least {}", *spec.min));
    if (spec.max && number > *spec.max) return refuse(fmt::format("at most {}", *spec.max));
  }
  return true;
}

bool is_variable(const std::string& name) {
  return !name.empty() && name.find_first_of(std::string_view("=\0", 2)) == std::string::npos;
}

std::string not_a_variable(const std::string& name) {
  return fmt::format("cannot set a variable called {}", in_quotes(name));
}

std::vector<std::string> quoted_in_environment(const TargetSpec& target) {
  std::vector<std::string> quoted;
  if (target.schema > 1) return quoted;
  for (const auto& [name, spec] : target.params) {
    const bool may_be_text = std::ranges::find(spec.types, "string") != spec.types.end();
    if (may_be_text && !spec.environment.empty()) quoted.push_back(name);
  }
  return quoted;
}

std::map<std::string, base::Json> read_values(TableReader& table, const ProgramSpec* program,
                                              const std::map<std::string, ParameterSpec>* specs) {
  std::map<std::string, base::Json> values;
  const Setting* params = table.table("params");
  const std::vector<Setting::Member> none;
  const auto& given = params == nullptr ? none : params->members;
  if (specs == nullptr) {
    for (const Setting::Member& member : given) values[member.key] = to_json(member.value);
    return values;
  }
  for (const auto& [name, spec] : *specs) values[name] = spec.default_value;
  for (const Setting::Member& member : given) {
    const std::string path = path_below(table.path("params"), member.key);
    const auto spec = specs->find(member.key);
    if (spec == specs->end()) {
      table.mistakes().add(member.key_place,
                           fmt::format("unknown key {}: {} {} has no such parameter", path,
                                       program->kind, program->name),
                           suggestion(member.key, names_of(*specs)));
    } else if (check_parameter(spec->second, path, member.value, table.mistakes())) {
      values[member.key] = to_json(member.value);
    }
  }
  return values;
}

TargetSettings read_target_settings(TableReader& reader, TableReader& data,
                                    const TargetLoader& loader) {
  TargetSettings settings;
  const Setting* use = reader.any("use");
  settings.use = reader.text("use").value_or("");
  if (use != nullptr && use->is_string()) settings.spec = loader(*use, reader.mistakes());
  const TargetSpec* const target = settings.spec.get();
  if (target != nullptr && target->serve.running && reader.any("params") != nullptr) {
    reader.refuse(
        "params",
        fmt::format("has no effect: the server of target {} runs already (serve.url), and "
                    "nothing would set them",
                    target->name),
        "leave it out; to compare settings let poolbench start the server");
  } else {
    settings.params = read_values(reader, target, target == nullptr ? nullptr : &target->params);
  }
  settings.data_params =
      read_values(data, target, target == nullptr ? nullptr : &target->data.params);
  data.refuse_unknown();
  std::string& endpoint = settings.endpoint;
  endpoint = reader.text("endpoint").value_or("");
  if (settings.spec != nullptr) {
    const TargetSpec& spec = *settings.spec;
    if (!reader.has("endpoint")) endpoint = spec.default_endpoint;
    if (reader.has("endpoint") && !spec.endpoints.contains(endpoint)) {
      reader.refuse("endpoint", fmt::format("names no endpoint of target {}", spec.name),
                    suggestion(endpoint, names_of(spec.endpoints)));
    }
  }
  read_remote(reader, settings);
  reader.refuse_unknown();
  return settings;
}

}  // namespace poolbench::scenario
