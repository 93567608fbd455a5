// Frames of SPDY/3.1, as far as Kubernetes' streams use them. No I/O. zlib is hidden.
// Source: SPDY protocol draft 3.1 (chromium.org).
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"

namespace kthena::apiserver::spdy {

enum class FrameType : std::uint8_t {
  Data = 0,  ///< no number of its own
  SynStream = 1,
  SynReply = 2,
  RstStream = 3,
  Settings = 4,
  Ping = 6,
  GoAway = 7,
  Headers = 8,
  WindowUpdate = 9,
};

enum class ResetStatus : std::uint32_t { ProtocolError = 1, InvalidStream, RefusedStream };

using Fields = std::vector<std::pair<std::string, std::string>>;  ///< names in lower case

/// The value of a field; empty if it is not there.
std::string_view find_field(const Fields& fields, std::string_view name);

struct Frame {
  FrameType type = FrameType::Data;
  std::uint32_t stream = 0;  ///< of a ping: its number; of a GoAway: the last good stream
  bool fin = false;          ///< nothing more comes on the stream
  std::uint32_t status = 0;  ///< of RstStream and GoAway; of WindowUpdate: by how much
  Fields fields{};           ///< of SynStream, SynReply, Headers
  std::string_view data{};   ///< of Data, valid until the next call
};

/// Frames out of a stream of bytes, cut anywhere. Data comes as it arrives, however long its frame.
class Decoder {
 public:
  static constexpr std::size_t kMaxControl = 16 << 10;  ///< bytes of a control frame
  static constexpr std::size_t kMaxFields = 64 << 10;   ///< bytes of its fields, uncompressed

  Decoder();
  ~Decoder();

  /// The next bytes; copied.
  void feed(std::string_view bytes) { input_.append(bytes); }
  /// The next frame that is there. Errors: Malformed, TooLarge; after one, it is over.
  Result<std::optional<Frame>> next();

 private:
  struct Inflater;
  Result<std::optional<Frame>> fail_for_ever(Error error);
  Frame take_data();
  Result<Frame> read_control(std::uint32_t first, std::uint32_t second, std::string_view body);
  Result<Fields> read_fields(std::string_view compressed);

  std::unique_ptr<Inflater> inflater_;  // the fields of all frames are one compressed stream
  std::string input_;                   // what is not yet taken, from taken_ on
  std::size_t taken_ = 0;
  std::uint32_t stream_ = 0;  // of the data frame that has begun
  std::size_t data_left_ = 0;
  bool in_data_ = false;
  bool fin_ = false;
  std::optional<Error> error_;
};

/// Writes frames. Those with fields must be sent in the order in which they were written.
class Encoder {
 public:
  Encoder();
  ~Encoder();

  std::string syn_stream(std::uint32_t stream, const Fields& fields);
  std::string syn_reply(std::uint32_t stream, const Fields& fields);
  static std::string data(std::uint32_t stream, std::string_view bytes, bool fin);
  static std::string reset(std::uint32_t stream, std::uint32_t status);
  static std::string ping(std::uint32_t number);
  static std::string go_away(std::uint32_t last_stream, std::uint32_t status);
  static std::string window_update(std::uint32_t stream, std::uint32_t by);

 private:
  struct Deflater;
  std::string with_fields(FrameType type, std::string_view front, const Fields& fields);

  std::unique_ptr<Deflater> deflater_;
};

}  // namespace kthena::apiserver::spdy
