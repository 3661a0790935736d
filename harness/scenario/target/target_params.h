#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

#include "base/placeholder.h"
#include "scenario/diagnostics.h"
#include "scenario/scenario.h"
#include "scenario/target/target_file.h"
#include "scenario/toml/reader.h"
#include "scenario/toml/setting.h"

namespace poolbench::scenario {

/// A word that its place knows, and yet nothing fills: why, and what to do instead.
struct UnfilledWord {
  std::string_view word;
  std::string_view why;
  std::string_view next;
};

/// Why this placeholder may not stand there: it is not known at `place` and none of the others, or
/// nothing fills it. Nothing if it may.
std::optional<base::Error> wrong_placeholder(const base::Placeholder& placeholder,
                                             base::TextPlace place, const base::OtherWords& others,
                                             const std::vector<UnfilledWord>& unfilled);

/// Makes a mistake of each placeholder of `key`'s value (a string, or whatever holds strings), if
/// there is one, that may not stand there.
void check_placeholders(TableReader& reader, std::string_view key, base::TextPlace place,
                        const base::OtherWords& others = {},
                        const std::vector<UnfilledWord>& unfilled = {});

/// A text in which no placeholder is known.
std::optional<std::string> plain_text(TableReader& reader, std::string_view key);

/// Where a table of parameters stands, and what the texts of its members may hold.
struct ParameterTable {
  std::string path;  ///< "params", or "data.params"
  base::TextPlace place = base::TextPlace::kParameter;
  base::OtherWords words{};              ///< beside those that the place knows
  std::vector<UnfilledWord> unfilled{};  ///< of those that the place knows
};

/// A table of parameters in a target.toml: [params], or [data.params].
std::map<std::string, ParameterSpec> read_parameters(const Setting* params,
                                                     const ParameterTable& where,
                                                     const Place& fallback, Mistakes& mistakes);

/// The placeholders of parameters: "params.workers" for each that can be one. `path` is that of the
/// table.
base::OtherWords words_of(const std::string& path,
                          const std::map<std::string, ParameterSpec>& params);

/// Makes a mistake of each parameter that reaches nobody: it has no argument, flag or environment,
/// and none of `texts` holds its placeholder.
void refuse_unused(const Setting* params, const std::string& path,
                   const std::vector<std::string>& texts, Mistakes& mistakes);

/// {arguments} is many words: in a command it stands alone, and once. `path` is how messages call
/// the command.
void check_arguments_word(const Setting& command, const std::string& path, Mistakes& mistakes);

/// The [[rule]] tables of a file; each may name only parameters of `params`. `kind`: whose they
/// are.
std::vector<RuleSpec> read_rules(TableReader& top,
                                 const std::map<std::string, ParameterSpec>& params,
                                 const char* kind = "target");

/// A scenario's value for a parameter: its type, limits and choices. False if it is refused.
bool check_parameter(const ParameterSpec& spec, const std::string& path, const Setting& value,
                     Mistakes& mistakes);

/// The table `params` of `table`: a value for each parameter that the program declares, or, where
/// the program is not known (null `specs`), what is written.
std::map<std::string, base::Json> read_values(TableReader& table, const ProgramSpec* program,
                                              const std::map<std::string, ParameterSpec>* specs);

/// The tables [target] and [data] of a scenario; the target comes from `loader`.
TargetSettings read_target_settings(TableReader& reader, TableReader& data,
                                    const TargetLoader& loader);

/// Whether a name can be that of an environment variable; and what messages say of one that cannot.
bool is_variable(const std::string& name);
std::string not_a_variable(const std::string& name);

/// Names of the parameters whose strings reach the environment in quotes (schema 1 of target.toml).
std::vector<std::string> quoted_in_environment(const TargetSpec& target);

/// The conditions of the table `key` of `reader`, if there is one. `kind`: whose parameters they
/// are.
std::vector<RuleSpec::Condition> read_conditions(TableReader& reader, const char* key,
                                                 const std::map<std::string, ParameterSpec>& params,
                                                 const char* kind = "target");

/// True if every condition holds for these values.
bool all_hold(const std::vector<RuleSpec::Condition>& conditions,
              const std::map<std::string, base::Json>& params);

/// The names of a map, in its order.
template <typename Value>
std::vector<std::string> names_of(const std::map<std::string, Value>& by_name) {
  std::vector<std::string> names;
  names.reserve(by_name.size());
  for (const auto& [name, value] : by_name) names.push_back(name);
  return names;
}

/// Collects the rules of targets and services that cells break, and says each once for all the
/// cells that break it at the same place.
class RuleCheck {
 public:
  /// `tree` is what the cell was decoded from: it knows where each parameter was set.
  void check(const Cell& cell, const Setting& tree);
  void report(Mistakes& mistakes) const;

 private:
  /// `table` is that of the program in the tree; null: it has none.
  void check(const ProgramSpec& program, const std::map<std::string, base::Json>& params,
             const Setting* table, const Cell& cell, const Place& fallback);
  struct Broken {
    const RuleSpec* rule = nullptr;
    Place place;
    std::string first_cell;
    std::size_t cells = 0;
  };
  std::map<std::tuple<const RuleSpec*, const Source*, int, int>, Broken> broken_;
};

}  // namespace poolbench::scenario
