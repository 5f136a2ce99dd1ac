package dev.maestro.agent;

import java.io.IOException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;

/** A class loader whose one service file names a provider. */
final class ServiceFileLoader extends URLClassLoader {

  private ServiceFileLoader(URL directory) {
    super(new URL[] {directory}, ServiceFileLoader.class.getClassLoader());
  }

  static ServiceFileLoader naming(Class<? extends AgentProvider> provider, Path directory)
      throws IOException {
    Path services = Files.createDirectories(directory.resolve("META-INF/services"));
    Files.writeString(services.resolve(AgentProvider.class.getName()), provider.getName());
    return new ServiceFileLoader(directory.toUri().toURL());
  }
}
