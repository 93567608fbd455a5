// Where a JSON value ends, in text that arrives in pieces: for readers of streams that hand whole
// values on.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace kthena::json {

/// Finds the last byte of one value. What is between is not checked: whoever reads the value does
/// that. So a text that is not in order has some end or none, and the same one however it is cut.
///
///     scanner.start('{');
///     const std::size_t taken = scanner.feed(bytes);   // again with more bytes until done()
///
/// Cost: a cycle for each 4 bytes of objects and arrays; no memory.
class ValueScanner {
 public:
  /// Begins anew. `first` is the first byte of the value, which feed() then gets as well.
  void start(char first) noexcept;

  /// How many of `bytes` belong to the value: all of them unless done() then.
  std::size_t feed(std::string_view bytes) noexcept;

  /// A number or a word is done only when something is there behind it.
  bool done() const noexcept { return done_; }

 private:
  enum class Kind : std::uint8_t { Container, String, Word };

  std::size_t feed_container(std::string_view bytes) noexcept;
  std::size_t feed_string(std::string_view bytes) noexcept;
  std::size_t feed_word(std::string_view bytes) noexcept;
  std::size_t step(const char* block, std::size_t size) noexcept;

  Kind kind_ = Kind::Word;
  bool done_ = false;
  bool opened_ = false;       // String: its first quote has passed
  bool escaped_ = false;      // the next byte is
  std::uint64_t inside_ = 0;  // a string: all ones
  std::uint64_t depth_ = 0;   // of brackets
};

}  // namespace kthena::json
