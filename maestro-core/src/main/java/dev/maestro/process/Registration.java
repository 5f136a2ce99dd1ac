package dev.maestro.process;

/** Something that was registered and can be taken back; closing twice does nothing more. */
@FunctionalInterface
public interface Registration extends AutoCloseable {

  @Override
  void close();
}
