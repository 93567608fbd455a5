// The strict parser and the one-pass scan agree: what the one takes for an object the other does,
// with the same fields; what the scan takes and the parser does not is wrong only where the scan
// says that it does not look. Edits at the scanned offsets give texts that read as they should.
#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "base/check.h"
#include "json/on_demand.h"
#include "json/parse.h"
#include "json/print.h"
#include "json/splice.h"
#include "json/stream_event.h"
#include "json/string_scan.h"
#include "json/tokens.h"

namespace {

using namespace kthena::json;  // NOLINT: a program of a few functions

enum FieldIndex : std::size_t { kModel, kStream, kStreamOptions, kMessages, kFieldCount };
constexpr std::array<std::string_view, kFieldCount> kNames = {"model", "stream", "stream_options",
                                                              "messages"};
using Fields = std::array<RawField, kFieldCount>;
constexpr ParseOptions kLastWins{.max_bytes = 1UL << 30, .duplicate_keys = DuplicateKeys::LastWins};

/// The scan does not look at the escapes in values and at the size of numbers, and nests one
/// deeper.
bool is_beyond_the_scan(const std::string& message) {
  return message.contains("escape") || message.contains("the number is too large") ||
         message.contains("nested deeper");
}

void check_offsets(std::string_view text, const ObjectScan& scan, const Fields& fields) {
  CHECK_EQ(text[scan.open], '{');
  CHECK_EQ(text[scan.close], '}');
  for (const RawField& field : fields) {
    if (field.present()) {
      CHECK_LT(scan.open, field.name_begin);
      CHECK_LT(field.name_begin, field.begin);
      CHECK_LT(field.begin, field.end);
      CHECK_LE(field.end, scan.close);
      CHECK_EQ(text[field.name_begin], '"');
      CHECK_LT(field.ordinal, scan.members);
    }
  }
}

void check_fields(std::string_view text, const Value& value, const Fields& fields) {
  for (std::size_t i = 0; i < kFieldCount; ++i) {
    const Value* member = value.find(kNames[i]);
    CHECK_EQ(member != nullptr, fields[i].present());
    if (member != nullptr) {
      CHECK(member->type() == fields[i].type);
      const auto raw = parse(fields[i].in(text), kLastWins);
      CHECK(raw && *raw == *member);
    }
  }
}

/// @param value  what the text means, or nothing if the strict parser refuses it
void check_edits(std::string_view text, const ObjectScan& scan, const Fields& fields,
                 const Value* value) {
  ObjectEdit edit(text, scan);
  edit.set("model", fields[kModel], R"("n\"w")");
  edit.set_within("stream_options", fields[kStreamOptions], "include_usage", "true");
  edit.remove(fields[kStream]);
  edit.remove(fields[kMessages]);
  const Splice splice = std::move(edit).finish();
  const std::string edited = splice.joined();
  CHECK_EQ(edited.size(), splice.size());

  Fields after;
  const auto again = scan_object(edited, kNames, after);
  CHECK(again.has_value());
  check_offsets(edited, *again, after);
  CHECK_EQ(after[kModel].in(edited), R"("n\"w")");
  CHECK_EQ(after[kModel].occurrences,
           fields[kModel].occurrences + (fields[kModel].present() ? 0U : 1U));
  CHECK_EQ(after[kStream].occurrences,
           fields[kStream].occurrences - (fields[kStream].present() ? 1U : 0U));

  const bool repeated = fields[kStream].repeated() || fields[kMessages].repeated();
  if (value == nullptr || repeated) {
    return;
  }
  Value expected = *value;
  expected.set("model", "n\"w");
  expected.erase("stream");
  expected.erase("messages");
  Value* options = expected.find("stream_options");
  if (options == nullptr || options->is_null()) {
    expected.set("stream_options", Object{{"include_usage", true}});
  } else if (options->is_object()) {
    options->set("include_usage", true);
  }
  const auto strict = parse(edited, kLastWins);
  CHECK(strict && *strict == expected);
}

/// Walks into everything, as readers of values do.
class DeepVisitor final : public FieldVisitor {
 public:
  bool visit(std::size_t /*field*/, TokenWalker& walker) override { return walk(walker); }

 private:
  bool walk(TokenWalker& walker) {
    switch (walker.peek()) {
      case '{':
        return walker.for_each_member([&](std::string_view) { return walk(walker); });
      case '[':
        return walker.for_each_element([&] { return walk(walker); });
      case '"': {
        TokenWalker::String string;
        return walker.take_string(string);
      }
      default:
        return walker.skip_value();
    }
  }
};

/// A visitor changes nothing about what is taken and what is found.
void check_visited(std::string_view text, bool taken, const Fields& fields) {
  DeepVisitor visitor;
  Fields visited;
  const auto scan = scan_object(text, kNames, visited, &visitor);
  CHECK_EQ(scan.has_value(), taken);
  for (std::size_t i = 0; taken && i < kFieldCount; ++i) {
    CHECK_EQ(visited[i].begin, fields[i].begin);
    CHECK_EQ(visited[i].end, fields[i].end);
    CHECK_EQ(visited[i].occurrences, fields[i].occurrences);
  }
}

void check_strings(std::string_view text) {
  std::size_t budget = 64;
  for (std::size_t at = text.find('"'); at != std::string_view::npos && --budget > 0;
       at = text.find('"', at + 1)) {
    const StringScan fast = scan_string(text, at);
    const StringScan slow = scan_string_scalar(text, at);
    CHECK(fast.fault == slow.fault);
    CHECK_EQ(fast.end, slow.end);
    CHECK_EQ(fast.characters, slow.characters);
    CHECK_LE(fast.characters, text.size());
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto strict = parse(text, kLastWins);
  Fields fields;
  const auto scan = scan_object(text, kNames, fields);
  if (strict && (strict->is_object() || strict->is_null())) {
    CHECK(scan.has_value());
  }
  check_strings(text);
  check_visited(text, scan.has_value(), fields);
  if (!scan) {
    return 0;
  }
  CHECK_EQ(read_stream_event(text).has_value(), !scan->is_null);
  if (!strict) {
    CHECK(is_beyond_the_scan(strict.error().message()));
  }
  if (scan->is_null) {
    CHECK(strict && strict->is_null());
    return 0;
  }
  check_offsets(text, *scan, fields);
  if (strict) {
    check_fields(text, *strict, fields);
  }
  check_edits(text, *scan, fields, strict ? &*strict : nullptr);
  return 0;
}
