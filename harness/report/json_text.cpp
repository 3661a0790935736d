#include "report/json_text.h"

#include <algorithm>

#include "base/json.h"

namespace poolbench::report {
namespace {

using base::Json;

constexpr std::size_t kMostMembersOnALine = 6;
constexpr std::size_t kLongestLine = 100;

bool plain(const Json& json) {
  return std::none_of(json.begin(), json.end(), [](const Json& e) { return e.is_structured(); });
}

void append(std::string& text, const Json& json, std::size_t depth);

void append_array(std::string& text, const Json& array, std::size_t depth) {
  text += '[';
  const char* separator = "";
  for (const Json& element : array) {
    text += separator;
    text += '\n';
    text.append(depth + 1, ' ');
    append(text, element, depth + 1);
    separator = ",";
  }
  text += '\n';
  text.append(depth, ' ');
  text += ']';
}

void append_object(std::string& text, const Json& object, std::size_t depth) {
  text += '{';
  const char* separator = "";
  for (const auto& [key, value] : object.items()) {
    text += separator;
    text += '\n';
    text.append(depth + 1, ' ');
    text += base::json_dump(key);
    text += ": ";
    append(text, value, depth + 1);
    separator = ",";
  }
  text += '\n';
  text.append(depth, ' ');
  text += '}';
}

void append(std::string& text, const Json& json, std::size_t depth) {
  if (!json.is_structured() || json.empty() || (json.is_array() && plain(json))) {
    text += base::json_dump(json);
    return;
  }
  if (json.is_object() && json.size() <= kMostMembersOnALine && plain(json)) {
    if (const std::string line = base::json_dump(json); line.size() <= kLongestLine) {
      text += line;
      return;
    }
  }
  if (json.is_array()) {
    append_array(text, json, depth);
  } else {
    append_object(text, json, depth);
  }
}

}  // namespace

std::string json_text(const Json& json) {
  std::string text;
  append(text, json, 0);
  text += '\n';
  return text;
}

}  // namespace poolbench::report
