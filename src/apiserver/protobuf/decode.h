// Messages of Kubernetes' protobuf as the JSON values that Go would print of the same objects.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "apiserver/built_in/structs.h"
#include "apiserver/protobuf/messages.h"
#include "apiserver/protobuf/wire.h"
#include "base/error.h"
#include "base/result.h"
#include "json/value.h"

namespace kthena::apiserver {

/// Reads one object. Fields that stand there several times count as protobuf has it: scalars the
/// last time, messages as one.
class MessageDecoder {
 public:
  /// Messages in messages.
  static constexpr std::size_t kMaxDepth = 100;
  /// Fields, items and entries of an object. The largest that a cluster takes (1.5 MB) have a tenth
  /// of it; it bounds what small wire bytes become.
  static constexpr std::size_t kMaxValues = 200'000;

  /// Fields in the order of printing. Empty ones stand there if the bytes have them: as_printed()
  /// decides on them.
  /// Errors: InvalidArgument "spec.replicas: unexpected EOF", TooLarge.
  Result<json::Value> read(const Message& message, std::string_view bytes);

 private:
  /// One occurrence of a field that is known.
  struct Piece {
    const MessageField* field = nullptr;
    std::size_t order = 0;  ///< among all of the object
    std::uint64_t scalar = 0;
    std::string_view bytes;
  };
  using Pieces = std::span<const Piece>;
  /// The last occurrence of each of the first fields of a message without a table.
  struct Parts {
    std::vector<WireField> by_number;  ///< number 0 where there is none
    const WireField* find(std::size_t number) const;
    std::string_view bytes(std::size_t number) const;
    std::uint64_t scalar(std::size_t number) const;
  };

  Result<void> collect(const Message& message, std::string_view bytes, std::vector<Piece>& pieces);
  Result<void> add(const Message& message, const MessageField& field, const WireField& wire,
                   std::vector<Piece>& pieces);
  Result<Parts> parts_of(Pieces pieces, std::span<const WireType> types);

  Result<json::Value> read_struct(const Message& message, Pieces pieces);
  Result<json::Value> read_field(const HeldType& type, Pieces pieces);
  Result<json::Value> read_one(const HeldType& type, Pieces pieces);
  Result<json::Value> read_map(const HeldType& type, Pieces pieces);
  Result<json::Value> read_wrapped_list(const HeldType& type, Pieces pieces);
  Result<json::Value> read_time(const HeldType& type, Pieces pieces);
  Result<json::Value> read_quantity(Pieces pieces);
  Result<json::Value> read_int_or_string(Pieces pieces);
  Result<json::Value> read_json_text(Pieces pieces);
  Result<json::Value> read_schema_or(Pieces pieces);
  Result<json::Value> read_schema(Pieces pieces);

  Result<void> count();
  std::unexpected<Error> wrong(std::string_view what) const;
  /// A result of WireReader, its error with the place where it is.
  template <class T>
  Result<T> here(Result<T> result) const;

  std::vector<std::string_view> path_;  ///< names of the fields that are being read
  std::size_t depth_ = 0;
  std::size_t values_ = 0;
};

}  // namespace kthena::apiserver
