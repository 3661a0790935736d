#include "base/json.h"

#include <fmt/format.h>

#include "base/text.h"

template class nlohmann::basic_json<nlohmann::ordered_map>;

namespace poolbench::base {

Json parse_json(std::string_view text) { return Json::parse(text, nullptr, false); }

std::string json_dump(const Json& json, int indent) {
  const std::string dumped = json.dump(indent, ' ', false, Json::error_handler_t::replace);
  std::string result;
  result.reserve(dumped.size());
  for (std::string_view text = dumped; !text.empty();) {
    const Character character = first_character(text).value_or(Character{0, 1});
    // JSON's own text has line ends between its tokens, and nothing else of the kind.
    const bool line_end = character.code == '\n';
    if (!line_end && is_unprintable(character.code)) {
      result += fmt::format("\\u{:04x}", static_cast<unsigned>(character.code));
    } else {
      result += text.substr(0, character.bytes);
    }
    text.remove_prefix(character.bytes);
  }
  return result;
}

}  // namespace poolbench::base
