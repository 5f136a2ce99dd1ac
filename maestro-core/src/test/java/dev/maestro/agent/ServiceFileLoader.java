package dev.maestro.agent;

import java.io.IOException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** A class loader whose one service file names providers. */
final class ServiceFileLoader extends URLClassLoader {

  private ServiceFileLoader(URL directory) {
    super(new URL[] {directory}, ServiceFileLoader.class.getClassLoader());
  }

  static ServiceFileLoader naming(Class<? extends AgentProvider> provider, Path directory)
      throws IOException {
    return naming(List.of(provider), directory);
  }

  static ServiceFileLoader naming(List<Class<? extends AgentProvider>> providers, Path directory)
      throws IOException {
    Path services = Files.createDirectories(directory.resolve("META-INF/services"));
    Files.write(
        services.resolve(AgentProvider.class.getName()),
        providers.stream().map(Class::getName).toList());
    return new ServiceFileLoader(directory.toUri().toURL());
  }
}
