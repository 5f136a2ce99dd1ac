package dev.maestro.testing;

import dev.maestro.store.BlobId;
import dev.maestro.store.FileStore;
import dev.maestro.store.StoreSource;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.stream.Stream;

class FileStoreContractTest extends StoreContract {

  @Override
  protected Set<Feature> features() {
    return Set.of(
        Feature.REOPENS,
        Feature.SURVIVES_KILL,
        Feature.EXCLUSIVE,
        Feature.DETECTS_DAMAGE,
        Feature.LISTS_RECORDS);
  }

  @Override
  protected StoreSource sourceIn(Path directory) {
    return FileStore.at(directory);
  }

  @Override
  protected void damage(Path directory, BlobId blob) throws IOException {
    Path file;
    try (Stream<Path> files = Files.walk(directory)) {
      file = files.filter(path -> path.endsWith(blob.hex())).findFirst().orElseThrow();
    }
    byte[] bytes = Files.readAllBytes(file);
    bytes[bytes.length / 2] ^= 0x10;
    Files.write(file, bytes);
  }
}
