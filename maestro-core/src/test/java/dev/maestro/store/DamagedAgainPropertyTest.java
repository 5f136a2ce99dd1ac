package dev.maestro.store;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.ShrinkingMode;
import net.jqwik.api.Tag;
import net.jqwik.api.lifecycle.AfterTry;
import net.jqwik.api.lifecycle.BeforeTry;

/**
 * Nothing false is ever read of a store that is damaged, repaired, gone on with, damaged once more
 * and given its files back.
 */
class DamagedAgainPropertyTest {

  private Path directory;

  @BeforeTry
  void createDirectory() throws IOException {
    directory = Files.createTempDirectory("maestro-damaged");
  }

  @AfterTry
  void deleteDirectory() throws IOException {
    Fixtures.delete(directory);
  }

  @Property(tries = 15, shrinking = ShrinkingMode.OFF)
  void readsWhatWasAcknowledgedOrRefuses(@ForAll long seed) throws IOException {
    new StoreWalk(directory, new Random(seed)).go();
  }

  @Property(tries = 1_500, shrinking = ShrinkingMode.OFF)
  @Tag("torture")
  void soItDoesForLong(@ForAll long seed) throws IOException {
    readsWhatWasAcknowledgedOrRefuses(seed);
  }
}
