#include "service/inherited.h"

#include <algorithm>

#include "base/file.h"

namespace poolbench::service {
namespace {

base::Environment named_by(const scenario::TargetSpec& target, const base::Environment& caller) {
  base::Environment named;
  for (const auto& [name, value] : caller) {
    const bool wanted = std::ranges::any_of(target.inherit, [&](const std::string& pattern) {
      return base::means_variable(pattern, name);
    });
    if (wanted && !base::is_libpq_variable(name)) named[name] = value;
  }
  return named;
}

base::Json hashes(const base::Environment& variables) {
  base::Json json = base::Json::object();
  for (const auto& [name, value] : variables) json[name] = base::sha256_hex(value);
  return json;
}

}  // namespace

base::Environment target_environment(const scenario::TargetSpec& target,
                                     const base::Environment& database,
                                     const base::Environment& caller) {
  base::Environment environment = database;
  environment.merge(named_by(target, caller));
  environment.merge(base::standard_environment(caller));
  return environment;
}

void describe_inherited(const scenario::TargetSpec& target, base::Json& facts,
                        const base::Environment& caller) {
  const base::Environment named = named_by(target, caller);
  facts["inherited"] = hashes(named);
  for (const std::string& pattern : target.inherit) {
    if (!pattern.ends_with('*') && !named.contains(pattern)) facts["inherited"][pattern] = nullptr;
  }
  base::Environment always = base::standard_environment(caller);
  for (const auto& [name, value] : named) always.erase(name);
  facts["inherited_always"] = hashes(always);
}

}  // namespace poolbench::service
