// Preloaded into a server (NODE_OPTIONS): SIGUSR2 makes it throw, or reject, where nobody catches it.
process.on('SIGUSR2', () => {
  const error = new Error('on purpose');
  if (process.env.TROUBLE === 'rejection') Promise.reject(error);
  else throw error;
});
