// Preloaded into a server (NODE_OPTIONS): on SIGUSR2 the server throws an error, or rejects a promise, uncaught.
process.on('SIGUSR2', () => {
  const error = new Error('on purpose');
  if (process.env.TROUBLE === 'rejection') Promise.reject(error);
  else throw error;
});
