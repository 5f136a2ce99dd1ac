package dev.maestro.store;

import java.io.IOException;
import java.io.OutputStream;
import java.security.MessageDigest;
import java.util.HexFormat;

/** Writes a run line by line. */
final class RunFileWriter {

  private final OutputStream out;
  private final MessageDigest digest = BlobId.sha256();
  private long events;

  RunFileWriter(OutputStream out) {
    this.out = out;
  }

  /** Write the first line; {@return its checksum} */
  int head(RunFile.Head head) throws IOException {
    byte[] line = RunFile.write(head);
    line(line);
    return RunFile.checksum(line);
  }

  void blob(BlobId id, byte[] bytes) throws IOException {
    line(RunFile.write(id, bytes));
  }

  void event(StoredEvent event) throws IOException {
    line(RunFile.write(event));
    events++;
  }

  /** Write the last line; {@return the SHA-256 of all before it} */
  String end() throws IOException {
    String sha256 = HexFormat.of().formatHex(digest.digest());
    out.write(RunFile.write(new RunFile.End(events, sha256)));
    return sha256;
  }

  private void line(byte[] line) throws IOException {
    digest.update(line);
    out.write(line);
  }
}
